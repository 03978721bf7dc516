"""Networks whose answers are known on paper, one nested network, and the embedded one; how well the labs are graded."""

import os
from collections import Counter

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the tests run on the CPU

import keras
import numpy as np
import pytest
from tqdm import tqdm

import tp_visualisation as tpv

SIZE = (12, 20)


@pytest.fixture
def image():
    """A small non-square RGB image, float32 in [0, 255]."""
    return np.random.default_rng(0).uniform(0, 255, (*SIZE, 3)).astype(np.float32)


@pytest.fixture(scope="session")
def weights():
    """The weights of the quadratic classifier, (12, 20, 3)."""
    return np.random.default_rng(1).normal(0, 1e-4, (*SIZE, 3)).astype(np.float32)


@keras.saving.register_keras_serializable("tests")
class WeightedSquares(keras.layers.Layer):
    """Two scores from an image: 0 and sum(weights * image**2)."""

    def __init__(self, weights, **kwargs):
        super().__init__(**kwargs)
        self.squares = self.add_weight(shape=weights.shape, initializer=lambda shape, dtype: weights, name="squares")

    def call(self, images):
        score = keras.ops.sum(self.squares * images**2, axis=(1, 2, 3))
        return keras.ops.stack([keras.ops.zeros_like(score), score], axis=-1)


@pytest.fixture(scope="session")
def classifier(weights):
    """The score of class 1 is sum(weights * image**2), that of class 0 is 0: its gradient is 2 * weights * image."""
    inputs = keras.Input((*SIZE, 3))
    return tpv.Classifier(keras.Model(inputs, WeightedSquares(weights)(inputs)))


KERNEL = np.array([[1.0, -1.0], [0.5, 2.0], [-1.0, 0.25]], np.float32) / 100  # (RGB, 2 feature maps)
HEAD = np.array([[1.0, -0.5], [0.25, 1.0]], np.float32) * 10  # (2 feature maps, 2 classes)


@pytest.fixture(scope="session")
def pooled():
    """A_k = ReLU(Σ_rgb KERNEL[rgb, k] image_rgb) at each pixel; S_c = Σ_k HEAD[k, c] mean(A_k)."""
    inputs = keras.Input((*SIZE, 3))
    x = keras.layers.Conv2D(2, 1, use_bias=False, name="conv")(inputs)
    x = keras.layers.ReLU(name="features")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    model = keras.Model(inputs, keras.layers.Dense(2, use_bias=False, name="scores")(x))
    model.get_layer("conv").set_weights([KERNEL[None, None]])
    model.get_layer("scores").set_weights([HEAD])
    return tpv.Classifier(model)


@pytest.fixture(scope="session")
def nested():
    """Transfer learning: a backbone used as a layer of another model, softmax at the end, random weights."""
    keras.utils.set_random_seed(0)
    backbone = keras.applications.MobileNetV2(input_shape=(96, 96, 3), alpha=0.35, include_top=False, weights=None)
    inputs = keras.Input((96, 96, 3))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = keras.layers.GlobalAveragePooling2D()(backbone(x))
    outputs = keras.layers.Dense(3, activation="softmax")(x)
    return tpv.Classifier(keras.Model(inputs, outputs), labels=["cat", "dog", "fox"])


@pytest.fixture(scope="session")
def embedded():
    """The embedded network, with its real ImageNet weights."""
    return tpv.load_classifier()


@pytest.fixture(scope="session")
def dalmatian():
    """A real photograph, uint8 (512, 512, 3), class 251."""
    return tpv.sample_images()["dalmatian"].image


@pytest.fixture
def bars_at_once(monkeypatch):
    """Progress bars appear at once; those that would not wait for a second first are refused."""
    begin = tqdm.__init__

    def at_once(self, *args, delay, **options):
        assert delay == 1
        begin(self, *args, delay=0, mininterval=0, **options)

    monkeypatch.setattr(tqdm, "__init__", at_once)


# How well the labs' tests cells tell right answers from wrong ones, said after the run

CASES = Counter()


def pytest_runtest_logreport(report):
    if report.when == "call" and "test_grader.py::test_" in report.nodeid:
        for kind in ("wrong", "right"):
            if f"/{kind}_" in report.nodeid:
                CASES[kind, report.passed] += 1


def pytest_terminal_summary(terminalreporter):
    if CASES:
        caught, kept = CASES["wrong", True], CASES["right", True]
        wrong, right = caught + CASES["wrong", False], kept + CASES["right", False]
        terminalreporter.write_line(
            f"The grader: {caught}/{wrong} wrong answers lose points, {kept}/{right} right ones keep all."
        )
