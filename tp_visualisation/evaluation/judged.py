"""What a measure judges, checked before it begins: an image, the map of it, and the class that the map is for.

A map that cannot be judged is refused before the network is asked anything.
"""

from functools import cached_property

import numpy as np

from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, check_image, resize
from tp_visualisation.labels import Target
from tp_visualisation.maps import SaliencyMap, check_map, minmax


class Judged:
    """An image with its map, both checked once; what several measures need of them is computed once, at first use.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        saliency_map: array (H, W), raw values.
        target: class to follow: index, label or WordNet id; None for the predicted class.

    Attributes:
        image: new float32 array (H, W, 3).

    Raises:
        ValueError: an image or a map that is none; a map of another size, constant or not finite.
    """

    def __init__(self, classifier: Classifier, image: Image, saliency_map: SaliencyMap, target: Target = None) -> None:
        self.classifier = classifier
        self.image = check_image(image)
        self._map = check_map(saliency_map, self.image.shape[:2])
        self._target = target

    @cached_property
    def saliency_map(self) -> SaliencyMap:
        """The map at the network's input size (h, w), raw values.

        Raises:
            ValueError: it is constant there, as the map of a single pixel may become when it is made smaller.
        """
        return self._at_input_size(self._map)

    @cached_property
    def scaled_map(self) -> SaliencyMap:
        """The map brought to [0, 1], then to the network's input size (h, w); errors as for `saliency_map`."""
        return self._at_input_size(minmax(self._map.astype(np.float32)))

    @cached_property
    def ranks(self) -> np.ndarray:
        """The `pixel_ranks` of `saliency_map`, int32 (h, w); errors as there."""
        return pixel_ranks(self.saliency_map)

    @cached_property
    def inputs(self) -> np.ndarray:
        """The network's own inputs (1, h, w, C) for the image."""
        return self.classifier.prepare(self.image)

    @cached_property
    def target(self) -> int:
        """The index of the class whose probability is followed; it may take a forward pass, so it is asked for last.

        Raises:
            ValueError: no such class, or the network gives no probabilities.
        """
        self.classifier.check_probabilities()
        return self.classifier.check_target(self.image, self._target)

    def _at_input_size(self, saliency_map):
        size = self.classifier.input_size
        if saliency_map.shape == size:
            return saliency_map
        resized = resize(saliency_map, size)
        if resized.min() == resized.max():
            raise ValueError(f"saliency_map is constant at the network's input size {size}.")
        return resized


def pixel_ranks(saliency_map: SaliencyMap) -> np.ndarray:
    """Return ranks, int32 (H, W): 0 for the most salient pixel, and of equals for the first in reading order."""
    order = np.argsort(-saliency_map.astype(np.float64), axis=None, kind="stable")
    ranks = np.empty(order.size, np.int32)
    ranks[order] = np.arange(order.size)
    return ranks.reshape(saliency_map.shape)
