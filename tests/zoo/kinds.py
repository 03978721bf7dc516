"""A kind of network: how it is built, what it learns, what the package is told about it."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
from keras import layers
from planted import SIZE, lessons


def centred(x):
    """The preprocessing of most networks: the grey of the background becomes 0, which is also what hides."""
    return x / 127.5 - 1


class Kind(NamedTuple):
    """A kind of network, and how it is trained.

    `goal` is "classes" (four), "two classes" (red or not), "labels" (four sigmoids), "red" (one sigmoid) or
    "how red" (a number). `ends_in` is None where the network gives scores, else "softmax", "log-softmax" or "sigmoid".
    `features`, of networks that mix places, finds the last layer that is laid on the image: (model) -> layer.
    `fixed` are the inputs beside the images, by name. `shown` is how the trained model comes to the package, where it
    is not as a Keras model with `preprocess`: (model) -> `Classifier`; `ask`: class -> what is explained of it.
    """

    build: Callable
    goal: str = "classes"
    ends_in: str | None = None
    epochs: int = 6
    preprocess: Callable | None = centred
    output: str | int | None = None
    features: Callable | None = None
    fixed: dict | None = None
    shown: Callable | None = None
    ask: Callable = int


def train(kind):
    """Return a new network of a kind, trained."""
    keras.utils.set_random_seed(0)
    model = kind.build()
    images, shares = lessons(800, seed=1)
    inputs = images if kind.preprocess is None else kind.preprocess(images)
    red = shares[:, :1]
    gives_scores = kind.ends_in in (None, "log-softmax")
    if kind.goal == "classes":
        blank = 1 - shares.sum(axis=1, keepdims=True)
        loss, wanted = keras.losses.CategoricalCrossentropy(gives_scores), shares + blank / 4
    elif kind.goal == "two classes":
        loss, wanted = keras.losses.SparseCategoricalCrossentropy(gives_scores), red[:, 0]
    elif kind.goal == "how red":
        loss, wanted = keras.losses.MeanSquaredError(), 3 * red
    else:
        loss = keras.losses.BinaryCrossentropy(gives_scores)
        wanted = shares if kind.goal == "labels" else red
    if kind.output is not None:  # the other outputs learn nothing
        loss, wanted = {kind.output: loss}, {kind.output: wanted}
    model.compile(keras.optimizers.Adam(3e-3), loss, jit_compile=False)
    if kind.fixed:
        inputs = {"images": inputs, **{name: np.repeat([value], len(inputs), 0) for name, value in kind.fixed.items()}}
    model.fit(inputs, wanted, epochs=kind.epochs, batch_size=32, verbose=0)
    return model


def image_input():
    return keras.Input((SIZE, SIZE, 3))


def head(x, n=4, activation=None):
    """Global average pooling and one dense layer."""
    return layers.Dense(n, activation=activation)(layers.GlobalAveragePooling2D()(x))
