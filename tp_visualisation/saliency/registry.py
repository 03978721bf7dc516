"""The saliency methods by name. The tables are filled by `saliency`; a method of one's own can be added to them."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tp_visualisation.checks import WrongKind
from tp_visualisation.images import Size, resize
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.names import find_name

METHODS: dict[str, Callable] = {}  # name → method(classifier, image, target=None, *, options) → map (H, W)
# name → batch(classifier, images, target, *, sizes=None, options) → `Batch`; where target is `PREDICTED` by
# default, that may stand in the place of a class, and the scores of the batch say which one was meant.
BATCHED: dict[str, Callable] = {}

Sizes = (
    Sequence[Size] | None
)  # (H, W) of each image before it was resized to the network's input; None for all the same


class Batch(NamedTuple):
    """Maps of many images.

    Attributes:
        saliency_maps: float32 (N, h, w), at the network's input size; with `sizes`, a list of maps (H, W) of these.
        scores: float32 (N, K) of the images, where the method comes by them on its way; else None.
    """

    saliency_maps: np.ndarray | list[SaliencyMap]
    scores: np.ndarray | None = None


def of_sizes(maps: Iterable[SaliencyMap], sizes: Sizes, input_size: Size) -> np.ndarray | list[SaliencyMap]:
    """Return maps, each resized: to its own of `sizes`, a list; without sizes to the input size, an array (N, h, w)."""
    if sizes is None:
        return np.stack([resize(saliency_map, input_size) for saliency_map in maps])
    return [resize(saliency_map, size) for saliency_map, size in zip(maps, sizes, strict=True)]


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


def check_options(method: Callable, options: dict[str, Any], name: str = "options") -> None:
    """Raise a ValueError for the first option that `method` does not take; `name` is what the message calls them."""
    others = list(inspect.signature(method).parameters.values())[3:]  # than classifier, image and target
    if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in others):
        unknown = sorted(options.keys() - {parameter.name for parameter in others})
        if unknown:
            raise ValueError(f'{name}: {getattr(method, "__name__", method)} takes no option "{unknown[0]}".')


def find_batched(method: str | Callable) -> Callable | None:
    """Return the entry of `BATCHED` for a method, given by name or as a function; None where there is none."""
    method = find_method(method)
    name = next((name for name, known in METHODS.items() if known is method), None)
    return BATCHED.get(name) if name else None
