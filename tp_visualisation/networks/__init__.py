"""The networks that `load_classifier` can name, one file a family."""

import os
from pathlib import Path

from tp_visualisation.names import find_name, normalise
from tp_visualisation.networks import efficientnet_lite, keras_applications, own_file
from tp_visualisation.networks.family import BuiltNetwork, Family
from tp_visualisation.processes import check_not_forked

DEFAULT = "efficientnet_lite0"
FAMILIES = [efficientnet_lite.FAMILY, keras_applications.FAMILY]

__all__ = [
    "DEFAULT",
    "FAMILIES",
    "BuiltNetwork",
    "Family",
    "build_network",
    "find_weights",
    "is_own_network",
    "names",
    "where_to_get",
]


def names() -> list[str]:
    """Return the names of all networks, family after family."""
    return [name for family in FAMILIES for name in family.names]


def is_own_network(name: str | Path) -> bool:
    """Return whether `name` means a file or folder of the user's own, and not one of `names`.

    What is called like a network is the network: a folder of this name is meant by its path, "./vgg16".
    """
    if own_file.is_file_name(name):
        return True
    return isinstance(name, str) and normalise(name) not in map(normalise, names()) and os.path.isdir(name)


def build_network(name: str, weights: str | Path | None = "imagenet") -> tuple[str, BuiltNetwork]:
    """Return the name that `name` means, and its `BuiltNetwork`.

    Args:
        name: one of `names`.
        weights: "imagenet", None for random ones, or the path of a weights file.

    Raises:
        ValueError: unknown name, weights not installed, or a file that does not fit.
        FileNotFoundError: no such weights file.
        OSError: the weights could not be downloaded.
        RuntimeError: this process was forked after TensorFlow had begun to compute.
    """
    check_not_forked()
    name = find_name(name, names(), "network")
    return name, _family_of(name).build(name, weights)


def find_weights(name: str) -> Path | None:
    """Return the path of the ImageNet weights of `name` on this computer, or None: no download, no loading."""
    return _family_of(name).find_weights(name)


def where_to_get(name: str) -> str:
    """Return in a few words how the ImageNet weights of `name` come to this computer."""
    return _family_of(name).where_to_get


def _family_of(name):
    return next(family for family in FAMILIES if name in family.names)
