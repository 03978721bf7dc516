import keras
import numpy as np
import pytest

import tp_visualisation as tpv


@pytest.fixture(scope="session")
def logistic():
    """A function weights (h, w, 3) → classifier with x = image / 127.5 - 1, scores 0 and Σ weights x."""

    def build(weights):
        inputs = keras.Input(weights.shape)
        outputs = keras.layers.Dense(2, use_bias=False, name="scores")(keras.layers.Flatten()(inputs))
        model = keras.Model(inputs, outputs)
        model.set_weights([np.stack([np.zeros(weights.size), weights.ravel()], axis=1)])
        return tpv.Classifier(model, preprocess=lambda images: images / 127.5 - 1)

    return build
