"""A classifier with linear scores, where every attack can be worked out on paper."""

import keras
import numpy as np
import pytest

import tp_visualisation as tpv

SIZE = (4, 6)


@pytest.fixture(scope="session")
def linear_classifier():
    """Function that makes a classifier with the scores wᵀx + b, x (4, 6, 3): w is (72, K), b is (K,)."""

    def make(w, b, labels=None, **options):
        inputs = keras.Input((*SIZE, 3))
        model = keras.Model(inputs, keras.layers.Dense(len(b))(keras.layers.Flatten()(inputs)))
        model.layers[-1].set_weights([np.float32(w), np.float32(b)])
        return tpv.Classifier(model, labels=labels, **options)

    return make


@pytest.fixture(scope="session")
def grey():
    """A mid-grey image, far from 0 and 255."""
    return np.full((*SIZE, 3), 128, np.uint8)


@pytest.fixture(scope="session")
def w():
    """Normals of three classes, (72, 3): the first one is zero, so that differences are easy."""
    w = np.random.default_rng(3).normal(0, 1, (72, 3))
    w[:, 0] = 0
    return w


@pytest.fixture(scope="session")
def linear(linear_classifier, w):
    """On the grey image the scores are 0, -40 and -90."""
    return linear_classifier(w, np.array([0, -40, -90]) - 128 * w.sum(axis=0), ["cat", "dog", "fox"])
