"""The saliency methods by name. The tables are filled by `saliency`; a method of one's own can be added to them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tp_visualisation.checks import WrongKind
from tp_visualisation.names import find_name

METHODS: dict[str, Callable] = {}  # name → method(classifier, image, target=None, *, options) → map (H, W)
BATCHED: dict[str, Callable] = {}  # name → batch(classifier, images, target, *, options) → `Batch`


class Batch(NamedTuple):
    """Maps of many images.

    Attributes:
        saliency_maps: float32 (N, h, w), at the network's input size.
        scores: float32 (N, K) of the images, where the method comes by them on its way; else None.
    """

    saliency_maps: np.ndarray
    scores: np.ndarray | None = None


def find_method(method: str | Callable) -> Callable:
    """Return the saliency method that is meant by a name of `METHODS` or by a function.

    Raises:
        ValueError: no method has this name (the nearest names are given), or neither a name nor a function.
    """
    if callable(method):
        return method
    if not isinstance(method, str):
        raise WrongKind(
            "a saliency method is given by its name, or as a function (classifier, image, target) that returns a map "
            f"(H, W), got {method!r:.80}."
        )
    return METHODS[find_name(method, METHODS, "method")]


def find_batched(method: str | Callable) -> Callable | None:
    """Return the entry of `BATCHED` for a method, given by name or as a function; None where there is none."""
    method = find_method(method)
    name = next((name for name, known in METHODS.items() if known is method), None)
    return BATCHED.get(name) if name else None
