"""Networks of Keras Applications, each with its own preprocessing and input size."""

import importlib
import os
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tp_visualisation.names import first_line
from tp_visualisation.networks.family import BuiltNetwork, Family
from tp_visualisation.networks.weights_file import load_weights


class Application(NamedTuple):
    """Where Keras keeps a network: module and function of `keras.applications`, name of its weights."""

    module: str
    function: str
    weights: str


APPLICATIONS = {
    "resnet50v2": Application("resnet_v2", "ResNet50V2", "resnet50v2_weights_*_kernels.h5"),
    "vgg16": Application("vgg16", "VGG16", "vgg16_weights_*_kernels.h5"),
    "resnet50": Application("resnet", "ResNet50", "resnet50_weights_*_kernels.h5"),
    "mobilenet_v2": Application("mobilenet_v2", "MobileNetV2", "mobilenet_v2_weights_*_1.0_224.h5"),
    "inception_v3": Application("inception_v3", "InceptionV3", "inception_v3_weights_*_kernels.h5"),
    "densenet121": Application("densenet", "DenseNet121", "densenet121_weights_*_kernels.h5"),
    "efficientnet_v2_b0": Application("efficientnet_v2", "EfficientNetV2B0", "efficientnetv2-b0.h5"),
}


def build(name: str, weights: str | Path | None = "imagenet") -> BuiltNetwork:
    """Return a Keras network and its preprocessing.

    Args:
        name: key of `APPLICATIONS`.
        weights: "imagenet" (Keras downloads them once, then finds them in its cache), None for
            random weights, or the path of a weights file.

    Returns:
        `BuiltNetwork` whose model ends in a softmax over 1000 classes.

    Raises:
        OSError: the weights could not be downloaded; the message names the ways out.
        ValueError: the weights file is not one of this network.
    """
    import keras

    application = APPLICATIONS[name]
    module = importlib.import_module(f"keras.applications.{application.module}")
    builder = getattr(keras.applications, application.function)
    if weights != "imagenet":
        model = builder(weights=None)
        if weights is not None:
            load_weights(model, weights, name)
        return BuiltNetwork(model, module.preprocess_input)
    try:
        with _impatient():
            return BuiltNetwork(builder(weights="imagenet"), module.preprocess_input)
    except Exception as error:  # Keras raises a bare Exception when a download fails
        if isinstance(error, ValueError):
            raise
        reason = first_line(error)
        raise OSError(
            f"the ImageNet weights of {name} are not on this computer and could not be downloaded ({reason}). "
            "Connect to the Internet once, or pass weights=PATH of a weights file, or weights=None for random "
            'weights, or use the embedded network: load_classifier("efficientnet_lite0").'
        ) from error


@contextmanager
def _impatient(seconds=10):
    """Let no connection hang: Keras' downloader sets no time limit of its own."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def find_weights(name: str) -> Path | None:
    """Return the path of the ImageNet weights of `name` that Keras has downloaded before, or None."""
    folder = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"
    return next(folder.glob(APPLICATIONS[name].weights), None)


FAMILY = Family(
    names=tuple(APPLICATIONS),
    build=build,
    find_weights=find_weights,
    where_to_get="needs a download, which Keras makes on first use",
)
