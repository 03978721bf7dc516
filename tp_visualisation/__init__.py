"""See how neural networks see: saliency maps, adversarial examples, class visualisation, and their measures."""

import os
import sys
from contextlib import nullcontext

import lazy_loader

from tp_visualisation.checks import check_backend
from tp_visualisation.processes import silent_stderr

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reports a missing GPU as an error on every laptop

__version__ = "0.1.0"

# TensorFlow takes seconds to import, so a module is loaded when it is first used: `tpvis --help` answers at once.
_load, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        *("adversarial", "class_model", "course", "engines", "evaluation", "images", "labels", "maps", "networks"),
        *("explorer", "plotting", "quadtree", "saliency", "samples"),
    ],
    submod_attrs={
        "classifier": ["Classifier", "Prediction"],
        "explorer": ["explore"],
        "loading": ["load_classifier"],
        "images": ["load_image"],
        "saliency": ["explain_many"],
        "samples": ["sample_images"],
    },
)


def __getattr__(name):
    heard = "tensorflow" in sys.modules or os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0"
    try:
        with nullcontext() if heard else silent_stderr():  # its import writes six lines, whatever that level is
            return _load(name)
    except (ImportError, ValueError):  # of Keras, in the middle of its own import
        check_backend()
        raise
