"""A classifier with a linear score, whose climb can be worked out on paper."""

import keras
import numpy as np
import pytest

import tp_visualisation as tpv

SIZE = (12, 20)


@keras.saving.register_keras_serializable("tests")
class Linear(keras.layers.Layer):
    """Two scores: 0 and sum(weights * input)."""

    def __init__(self, weights, **kwargs):
        super().__init__(**kwargs)
        self.w = self.add_weight(shape=weights.shape, initializer=lambda shape, dtype: weights, name="w")

    def call(self, x):
        score = keras.ops.sum(self.w * x, axis=(1, 2, 3))
        return keras.ops.stack([keras.ops.zeros_like(score), score], axis=-1)


@pytest.fixture(scope="session")
def linear_classifier():
    """Function that makes a classifier with the scores 0 and sum(weights * preprocess(image)), weights (12, 20, 3)."""

    def make(weights, preprocess=None):
        inputs = keras.Input((*SIZE, 3))
        return tpv.Classifier(keras.Model(inputs, Linear(weights.astype(np.float32))(inputs)), preprocess=preprocess)

    return make


@pytest.fixture(scope="session")
def centred():
    """A preprocessing whose zero is the grey level 127."""
    return lambda images: (images - 127) / 128


@pytest.fixture(scope="session")
def w():
    return np.random.default_rng(2).normal(0, 1, (*SIZE, 3))


@pytest.fixture(scope="session")
def linear(linear_classifier, w, centred):
    return linear_classifier(w, centred)


@pytest.fixture(scope="session")
def grey():
    return np.full((*SIZE, 3), 127, np.uint8)
