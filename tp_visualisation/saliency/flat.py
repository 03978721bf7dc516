"""A map that is the same everywhere says nothing: then the layer that it was made from may be the wrong one."""

import sys
import warnings

import numpy as np

from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image
from tp_visualisation.maps import SaliencyMap


def not_flat(saliency_map: SaliencyMap, image: Image, classifier: Classifier, layer: str | None) -> SaliencyMap:
    """Return the map as it is, with a warning that names another layer if it is flat and its image is not.

    Args:
        saliency_map: array (H, W), made from the feature maps of a layer.
        image: RGB array (H, W, 3), values in [0, 255].
        classifier: `Classifier` under study.
        layer: name of the layer; None for the last one.
    """
    if np.ptp(saliency_map) == 0 and np.ptp(image) > 0:
        name, layers = classifier.feature_layer(layer), classifier.feature_layers
        before = layers[: layers.index(name)] or [other for other in layers if other != name]
        instead = f'name another one, layer="{before[-1]}" for instance' if before else "try rise, which needs no layer"
        warnings.warn(
            f'the map is the same everywhere: nothing that the layer "{name}" gives speaks for the class. To look '
            f"elsewhere, {instead}.",
            stacklevel=_callers_level(),
        )
    return saliency_map


def _callers_level():
    """How many calls up from `not_flat` the first one from outside this package is: its line is shown."""
    frame, level = sys._getframe(2), 2
    while frame is not None and frame.f_globals.get("__name__", "").startswith(__package__.partition(".")[0]):
        frame, level = frame.f_back, level + 1
    return level
