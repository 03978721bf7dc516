"""The networks of Keras Applications, all of them, each with its own preprocessing and input size."""

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
    """Where Keras keeps a network: module and function of `keras.applications`; its input size; its file of weights."""

    module: str
    function: str
    size: int
    weights: str


_KERNELS = "_weights_tf_dim_ordering_tf_kernels"  # part of the name of many files

APPLICATIONS = {
    "vgg16": Application("vgg16", "VGG16", 224, f"vgg16{_KERNELS}.h5"),
    "vgg19": Application("vgg19", "VGG19", 224, f"vgg19{_KERNELS}.h5"),
    "resnet50": Application("resnet", "ResNet50", 224, f"resnet50{_KERNELS}.h5"),
    "resnet101": Application("resnet", "ResNet101", 224, f"resnet101{_KERNELS}.h5"),
    "resnet152": Application("resnet", "ResNet152", 224, f"resnet152{_KERNELS}.h5"),
    "resnet50v2": Application("resnet_v2", "ResNet50V2", 224, f"resnet50v2{_KERNELS}.h5"),
    "resnet101v2": Application("resnet_v2", "ResNet101V2", 224, f"resnet101v2{_KERNELS}.h5"),
    "resnet152v2": Application("resnet_v2", "ResNet152V2", 224, f"resnet152v2{_KERNELS}.h5"),
    "inception_v3": Application("inception_v3", "InceptionV3", 299, f"inception_v3{_KERNELS}.h5"),
    "inception_resnet_v2": Application(
        "inception_resnet_v2", "InceptionResNetV2", 299, f"inception_resnet_v2{_KERNELS}.h5"
    ),
    "xception": Application("xception", "Xception", 299, f"xception{_KERNELS}.h5"),
    "mobilenet": Application("mobilenet", "MobileNet", 224, "mobilenet_1_0_224_tf.h5"),
    "mobilenet_v2": Application("mobilenet_v2", "MobileNetV2", 224, f"mobilenet_v2{_KERNELS}_1.0_224.h5"),
    "mobilenet_v3_small": Application(
        "mobilenet_v3", "MobileNetV3Small", 224, "weights_mobilenet_v3_small_224_1.0_float.h5"
    ),
    "mobilenet_v3_large": Application(
        "mobilenet_v3", "MobileNetV3Large", 224, "weights_mobilenet_v3_large_224_1.0_float.h5"
    ),
    "densenet121": Application("densenet", "DenseNet121", 224, f"densenet121{_KERNELS}.h5"),
    "densenet169": Application("densenet", "DenseNet169", 224, f"densenet169{_KERNELS}.h5"),
    "densenet201": Application("densenet", "DenseNet201", 224, f"densenet201{_KERNELS}.h5"),
    "nasnet_mobile": Application("nasnet", "NASNetMobile", 224, "nasnet_mobile.h5"),
    "nasnet_large": Application("nasnet", "NASNetLarge", 331, "nasnet_large.h5"),
    "efficientnet_b0": Application("efficientnet", "EfficientNetB0", 224, "efficientnetb0.h5"),
    "efficientnet_b1": Application("efficientnet", "EfficientNetB1", 240, "efficientnetb1.h5"),
    "efficientnet_b2": Application("efficientnet", "EfficientNetB2", 260, "efficientnetb2.h5"),
    "efficientnet_b3": Application("efficientnet", "EfficientNetB3", 300, "efficientnetb3.h5"),
    "efficientnet_b4": Application("efficientnet", "EfficientNetB4", 380, "efficientnetb4.h5"),
    "efficientnet_b5": Application("efficientnet", "EfficientNetB5", 456, "efficientnetb5.h5"),
    "efficientnet_b6": Application("efficientnet", "EfficientNetB6", 528, "efficientnetb6.h5"),
    "efficientnet_b7": Application("efficientnet", "EfficientNetB7", 600, "efficientnetb7.h5"),
    "efficientnet_v2_b0": Application("efficientnet_v2", "EfficientNetV2B0", 224, "efficientnetv2-b0.h5"),
    "efficientnet_v2_b1": Application("efficientnet_v2", "EfficientNetV2B1", 240, "efficientnetv2-b1.h5"),
    "efficientnet_v2_b2": Application("efficientnet_v2", "EfficientNetV2B2", 260, "efficientnetv2-b2.h5"),
    "efficientnet_v2_b3": Application("efficientnet_v2", "EfficientNetV2B3", 300, "efficientnetv2-b3.h5"),
    "efficientnet_v2_s": Application("efficientnet_v2", "EfficientNetV2S", 384, "efficientnetv2-s.h5"),
    "efficientnet_v2_m": Application("efficientnet_v2", "EfficientNetV2M", 480, "efficientnetv2-m.h5"),
    "efficientnet_v2_l": Application("efficientnet_v2", "EfficientNetV2L", 480, "efficientnetv2-l.h5"),
    "convnext_tiny": Application("convnext", "ConvNeXtTiny", 224, "convnext_tiny.h5"),
    "convnext_small": Application("convnext", "ConvNeXtSmall", 224, "convnext_small.h5"),
    "convnext_base": Application("convnext", "ConvNeXtBase", 224, "convnext_base.h5"),
    "convnext_large": Application("convnext", "ConvNeXtLarge", 224, "convnext_large.h5"),
    "convnext_xlarge": Application("convnext", "ConvNeXtXLarge", 224, "convnext_xlarge.h5"),
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
    shape = (application.size, application.size, 3)  # without it, MobileNetV3 says no size
    if weights != "imagenet":
        model = builder(weights=None, input_shape=shape)
        if weights is not None:
            load_weights(model, weights, name)
        return BuiltNetwork(model, module.preprocess_input)
    try:
        with _impatient():
            return BuiltNetwork(builder(weights="imagenet", input_shape=shape), module.preprocess_input)
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
    path = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models" / APPLICATIONS[name].weights
    return path if path.is_file() else None


FAMILY = Family(
    names=tuple(APPLICATIONS),
    build=build,
    find_weights=find_weights,
    where_to_get="needs a download, which Keras makes on first use",
)
