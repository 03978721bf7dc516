"""Tiny networks of many kinds, each trained in seconds on images whose class is decided by a planted cue.

An image of 48 x 48 is grey noise with one coloured square of 12 x 12 in one of four places; the colour is the class. So
it is known where every right map has its peak.
"""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
from keras import layers, ops

SIZE, CUE = 48, 12
PLACES = [(4, 4), (4, 32), (32, 4), (32, 32)]  # top, left
COLOURS = np.array([[230, 30, 30], [30, 230, 30], [30, 30, 230], [220, 220, 30]])


def planted(n, seed):
    """Return images float32 (n, 48, 48, 3), their classes (n,) and the places of their cues (n,)."""
    rng = np.random.default_rng(seed)
    images = rng.uniform(60, 190, (n, SIZE, SIZE, 3))
    classes, places = rng.integers(0, len(COLOURS), n), rng.integers(0, len(PLACES), n)
    for image, number, place in zip(images, classes, places, strict=True):
        top, left = PLACES[place]
        image[top : top + CUE, left : left + CUE] = COLOURS[number] + rng.normal(0, 10, (CUE, CUE, 3))
    return images.clip(0, 255).astype(np.float32), classes, places


class Kind(NamedTuple):
    """How a network is built, and what it is trained for: "classes", "labels" (sigmoids) or "red" (yes or no)."""

    build: Callable
    goal: str = "classes"
    epochs: int = 6


@keras.saving.register_keras_serializable("zoo")
class ClassToken(layers.Layer):
    """One more token, a weight, before those of the patches."""

    def build(self, shape):
        self.token = self.add_weight(shape=(1, 1, shape[-1]), initializer="normal", name="token")

    def call(self, x):
        return ops.concatenate([ops.repeat(self.token, ops.shape(x)[0], axis=0), x], axis=1)


@keras.saving.register_keras_serializable("zoo")
class Position(layers.Layer):
    """A weight for each place of a sequence, added to it."""

    def build(self, shape):
        self.position = self.add_weight(shape=(1, *shape[1:]), initializer="normal", name="position")

    def call(self, x):
        return x + self.position


class Subclassed(keras.Model):
    """A convolution, pooling and a dense layer, written as a class."""

    def __init__(self):
        super().__init__()
        self.parts = [layers.Rescaling(1 / 127.5, -1), layers.Conv2D(24, 3, activation="relu")]
        self.parts += [layers.GlobalAveragePooling2D(), layers.Dense(4)]

    def call(self, x, training=False):
        for part in self.parts:
            x = part(x)
        return x


def convolutional(n=4, activation=None, normalisation=layers.BatchNormalization, policy=None):
    """Two convolutions with a normalisation each, global average pooling, one dense layer."""
    x = inputs = keras.Input((SIZE, SIZE, 3))
    x = layers.Rescaling(1 / 127.5, -1)(x)
    for filters in (12, 24):
        x = layers.Conv2D(filters, 3, padding="same", dtype=policy)(x)
        x = layers.ReLU(dtype=policy)(normalisation(dtype=policy)(x))
        x = layers.MaxPooling2D(dtype=policy)(x)
    x = layers.GlobalAveragePooling2D(dtype=policy)(x)
    return keras.Model(inputs, layers.Dense(n, activation=activation, dtype=policy)(x))


def transformer(class_token):
    """A vision transformer of two blocks on patches of 6 x 6."""
    x = inputs = keras.Input((SIZE, SIZE, 3))
    x = layers.Reshape((64, 32))(layers.Conv2D(32, 6, 6)(layers.Rescaling(1 / 127.5, -1)(x)))
    x = Position()(ClassToken()(x) if class_token else x)
    for _ in range(2):
        y = layers.LayerNormalization()(x)
        x = layers.Add()([x, layers.MultiHeadAttention(4, 8)(y, y)])
        y = layers.Dense(64, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dense(32)(y)])
    x = layers.LayerNormalization()(x)
    x = x[:, 0] if class_token else layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(4)(x))


def convnext():
    """Depthwise convolutions, layer normalisation and dense layers at each place."""
    x = inputs = keras.Input((SIZE, SIZE, 3))
    x = layers.LayerNormalization()(layers.Conv2D(24, 4, 4)(layers.Rescaling(1 / 127.5, -1)(x)))
    for _ in range(2):
        y = layers.LayerNormalization()(layers.DepthwiseConv2D(5, padding="same")(x))
        x = layers.Add()([x, layers.Dense(24)(layers.Dense(48, activation="gelu")(y))])
    return keras.Model(inputs, layers.Dense(4)(layers.LayerNormalization()(layers.GlobalAveragePooling2D()(x))))


def nested():
    """A model in a model in a model, softmax at the end."""
    first = layers.Conv2D(16, 3, activation="relu", padding="same")
    inner = keras.Sequential([first, layers.MaxPooling2D(), layers.Conv2D(24, 3, activation="relu", padding="same")])
    outer = keras.Sequential([inner, layers.MaxPooling2D()])
    x = inputs = keras.Input((SIZE, SIZE, 3))
    x = layers.GlobalAveragePooling2D()(outer(layers.Rescaling(1 / 127.5, -1)(x)))
    return keras.Model(inputs, layers.Dense(4, activation="softmax")(x))


def attention_pooling():
    """A convolution whose places are weighed by attention instead of averaged."""
    x = inputs = keras.Input((SIZE, SIZE, 3))
    x = layers.Conv2D(24, 3, activation="relu", padding="same")(layers.Rescaling(1 / 127.5, -1)(x))
    places = layers.Reshape((144, 24))(layers.MaxPooling2D(4)(x))
    asked = layers.GlobalAveragePooling1D(keepdims=True)(places)
    x = layers.MultiHeadAttention(2, 12)(asked, places)
    return keras.Model(inputs, layers.Dense(4)(layers.Flatten()(x)))


def recurrent():
    """A convolution whose rows are read by an LSTM."""
    x = inputs = keras.Input((SIZE, SIZE, 3))
    x = layers.Conv2D(16, 3, activation="relu", padding="same")(layers.Rescaling(1 / 127.5, -1)(x))
    x = layers.LSTM(24)(layers.Reshape((12, 192))(layers.MaxPooling2D(4)(x)))
    return keras.Model(inputs, layers.Dense(4)(x))


def _groups(**options):
    return layers.GroupNormalization(4, **options)


ZOO = {
    "convolutions": Kind(convolutional),
    "group normalisation": Kind(lambda: convolutional(normalisation=_groups)),
    "layer normalisation": Kind(lambda: convolutional(normalisation=layers.LayerNormalization)),
    "several sigmoids": Kind(lambda: convolutional(activation="sigmoid"), goal="labels"),
    "one sigmoid": Kind(lambda: convolutional(1, "sigmoid"), goal="red"),
    "one logit": Kind(lambda: convolutional(1), goal="red"),
    "bfloat16": Kind(lambda: convolutional(policy="mixed_bfloat16")),
    "float16": Kind(lambda: convolutional(policy="mixed_float16")),
    "nested three deep": Kind(nested),
    "subclassed": Kind(Subclassed),
    "ConvNeXt-like": Kind(convnext),
    "attention pooling": Kind(attention_pooling, epochs=15),
    "CNN and LSTM": Kind(recurrent, epochs=15),
    "transformer, mean of tokens": Kind(lambda: transformer(False), epochs=15),
    "transformer, class token": Kind(lambda: transformer(True), epochs=15),
}


def trained(name):
    """Return the network called `name` of `ZOO`, trained."""
    kind = ZOO[name]
    keras.utils.set_random_seed(0)
    model, (images, classes, _) = kind.build(), planted(600, seed=1)
    if kind.goal == "classes":
        ends_in_softmax = name == "nested three deep"
        loss, wanted = keras.losses.SparseCategoricalCrossentropy(from_logits=not ends_in_softmax), classes
    else:
        wanted = np.eye(4)[classes] if kind.goal == "labels" else (classes == 0).astype(float)
        loss = keras.losses.BinaryCrossentropy(from_logits=name == "one logit")
    model.compile(keras.optimizers.Adam(3e-3), loss)
    model.fit(images, wanted, epochs=kind.epochs, batch_size=32, verbose=0)
    return model
