"""What a class looks like to a network, and what a layer sees in a photograph: class → image, image → image."""

from tp_visualisation.class_model.climb import Snapshot, visualise_class, visualise_class_steps
from tp_visualisation.class_model.deep_dream import deep_dream
from tp_visualisation.class_model.fourier import Fourier
from tp_visualisation.class_model.parameterisations import PARAMETERISATIONS, Parameterisation, Pixels
from tp_visualisation.class_model.sweep import SweepResult, sweep

__all__ = [
    "PARAMETERISATIONS",
    "Fourier",
    "Parameterisation",
    "Pixels",
    "Snapshot",
    "SweepResult",
    "deep_dream",
    "sweep",
    "visualise_class",
    "visualise_class_steps",
]
