"""Saliency methods: image → map. `METHODS` lists them in the order of a lecture."""

from tp_visualisation.saliency.gradients import gradient
from tp_visualisation.saliency.rise import rise, rise_estimates

METHODS = {
    "gradient": gradient,
    "rise": rise,
}

__all__ = ["METHODS", "rise_estimates", *METHODS]
