"""What a network is made of, and what a family of networks offers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple


class BuiltNetwork(NamedTuple):
    """A Keras model with what it needs to be a classifier.

    Attributes:
        model: Keras model.
        preprocess: function from RGB images (N, h, w, 3) in [0, 255] to its inputs; None where it takes those.
        labels: names of its classes; None for ImageNet's thousand.
    """

    model: Any
    preprocess: Callable | None
    labels: list | None = None


class Family(NamedTuple):
    """Networks that are built, found and explained in one way: an entry of `FAMILIES`.

    Attributes:
        names: the networks, as `load_classifier` calls them.
        build: function (name, weights) → `BuiltNetwork`; weights are "imagenet", None for random ones, or the path
            of a file. Raises a ValueError for weights that are not installed or do not fit, FileNotFoundError
            for a missing file, OSError for a failed download.
        find_weights: function (name) → path of the ImageNet weights on this computer, or None: no download.
        where_to_get: how the ImageNet weights come to this computer, in a few words.
    """

    names: tuple[str, ...]
    build: Callable[..., BuiltNetwork]
    find_weights: Callable[[str], Path | None]
    where_to_get: str
