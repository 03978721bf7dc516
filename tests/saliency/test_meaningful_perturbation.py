"""Meaningful perturbation: steps replayed with TensorFlow's tape and Keras' Adam, and masks that must end on a cue."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import gaussian_filter

import tp_visualisation as tpv
from tp_visualisation.saliency import meaningful_perturbation
from tp_visualisation.saliency.meaningful_perturbation import _stretching, _variation_gradient

SIDE = 32


@pytest.fixture(scope="module")
def cue():
    """Grey with a red square of 4 x 4 off the centre, which decides class 1: probability 0.88, without it 0.12."""
    image = np.full((SIDE, SIDE, 3), 60, np.uint8)
    image[8:12, 18:22] = (255, 20, 20)
    red = keras.layers.Conv2D(1, 1, activation="relu")  # above 220 grey levels, where the blurred square is not
    dense = keras.layers.Dense(2)
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), red, keras.layers.GlobalAveragePooling2D(), dense])
    red.set_weights([np.float32([1, 0, 0])[None, None, :, None] / 35, np.float32([-220 / 35])])
    dense.set_weights([np.float32([[0, 4 * SIDE**2 / 16]]), np.float32([0, -2])])
    return tpv.Classifier(model), image


def probability(cue, saliency_map):
    """The probability of the class behind the mask that a map of an image of the input size says."""
    classifier, image = cue
    blurred = gaussian_filter(image.astype(np.float32), (10 * SIDE / 224, 10 * SIDE / 224, 0))
    return classifier.probabilities(image + saliency_map[..., None] * (blurred - image))[0, 1]


def test_steps_are_those_of_the_tape_and_of_keras_adam(pooled, image):
    """A small input, which is not moved: the image is the same at every step."""
    found = meaningful_perturbation(pooled, image, 1, start="random", n_steps=4, grid_size=5, l1=0.01, tv=0.1, beta=3)
    blurred = gaussian_filter(image, (10 * 12 / 224, 10 * 12 / 224, 0))
    m = tf.Variable(np.random.default_rng(0).random((5, 8), np.float32))
    adam = keras.optimizers.Adam(0.1, epsilon=1e-8)

    def seen_share():
        pixels = tf.repeat(tf.repeat(m, 8, axis=0), 8, axis=1)
        kernel = np.exp(-(np.arange(-20, 21) ** 2) / 50)
        for axis in (0, 1):
            padded = tf.pad(pixels, [[20, 20] if axis == a else [0, 0] for a in (0, 1)], "SYMMETRIC")
            parts = [tf.gather(padded, tf.range(i, i + pixels.shape[axis]), axis=axis) for i in range(41)]
            pixels = sum(float(weight) * part for weight, part in zip(kernel / kernel.sum(), parts, strict=True))
        return tf.image.resize(pixels[..., None], image.shape[:2])

    for _ in range(4):
        with tf.GradientTape() as tape:
            p = tf.nn.softmax(pooled.model((blurred + seen_share() * (image - blurred))[None]))[0, 1]
            down, right = tf.pad(m[1:] - m[:-1], [[0, 1], [0, 0]]), tf.pad(m[:, 1:] - m[:, :-1], [[0, 0], [0, 1]])
            loss = p + 0.01 * tf.reduce_sum(tf.abs(1 - m)) + 0.1 * tf.reduce_sum((down**2 + right**2) ** 1.5)
        adam.apply_gradients([(tape.gradient(loss, m), m)])
        m.assign(tf.clip_by_value(m, 0, 1))
    np.testing.assert_allclose(found, 1 - seen_share()[..., 0], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("beta", [1, 2, 3])
def test_smoothness_of_an_even_mask_has_no_gradient_and_no_nan(beta):
    np.testing.assert_array_equal(_variation_gradient(np.full((4, 5), 0.3, np.float32), beta), np.zeros((4, 5)))


def test_mask_of_ones_keeps_everything():
    for length, cells in ((224, 28), (20, 28), (300, 28)):
        stretching = _stretching(length, cells)
        assert stretching.shape == (length, cells)
        np.testing.assert_allclose(stretching.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("start", ["disc", "random", "ones"])
def test_what_is_taken_away_is_the_cue(start, cue):
    classifier, image = cue
    saliency_map = meaningful_perturbation(classifier, image, 1, start=start, n_steps=150)
    assert probability(cue, np.zeros((SIDE, SIDE), np.float32)) > 0.85
    assert probability(cue, saliency_map) < 0.2
    row, column = np.argwhere(saliency_map > 0.9 * saliency_map.max()).mean(axis=0)
    assert 8 <= row < 12
    assert 18 <= column < 22
    assert saliency_map[8:12, 18:22].mean() > 3 * saliency_map[20:, :12].mean()


def test_disc_is_the_smallest_that_takes_the_class_away(cue):
    """After no step to speak of, the map is the disc: the square ends 9 pixels, 65 of 224, from the centre."""
    classifier, image = cue
    disc = meaningful_perturbation(classifier, image, 1, n_steps=1, step_size=1e-6)
    y, x = (np.arange(SIDE) - (SIDE - 1) / 2,) * 2
    distance = np.hypot(y[:, None], x)
    assert disc[distance < 7].min() > 0.9
    assert disc[distance > 13].max() < 0.1
    assert probability(cue, disc) < 0.15


def test_disc_of_a_class_that_blurring_does_not_take_away_is_empty(cue):
    classifier, image = cue
    even = np.full_like(image, 60)
    np.testing.assert_array_equal(meaningful_perturbation(classifier, even, 1, n_steps=3), np.zeros((SIDE, SIDE)))


def test_start_and_seed_decide_the_map(cue):
    classifier, image = cue
    options = {"start": "random", "n_steps": 3}
    first, again, other = (meaningful_perturbation(classifier, image, 1, seed=seed, **options) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


def test_image_is_moved_by_up_to_three_pixels(monkeypatch):
    """Of 224 pixels: the inputs seen are parts of an image of 228, at four places each way."""
    inputs = keras.Input((224, 224, 3))
    outputs = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(inputs))
    classifier = tpv.Classifier(keras.Model(inputs, outputs))
    columns = np.tile(np.arange(228, dtype=np.float32)[None, :, None], (228, 1, 3))
    seen = set()
    run = tpv.Classifier.run_backward

    def watch(self, step, x, blurred, *arrays, **options):
        seen.add((x[0, 0, 0, 1], x[0, 0, 0, 0]))
        return run(self, step, x, blurred, *arrays, **options)

    columns[..., 1] = np.arange(228)[:, None]
    monkeypatch.setattr(tpv.Classifier, "run_backward", watch)
    meaningful_perturbation(classifier, columns, 1, start="ones", n_steps=40)
    assert {place for pair in seen for place in pair} == {0, 1, 2, 3}


def test_numbers_that_are_no_probabilities_are_refused(image):
    inputs = keras.Input((12, 20, 3))
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(inputs))
    classifier = tpv.Classifier(model, activation=None)
    with pytest.raises(ValueError, match="gives no probabilities"):
        meaningful_perturbation(classifier, image, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": "circle"}, 'start must be "disc", "random" or "ones"'),
        ({"n_steps": 0}, "n_steps must be at least 1"),
        ({"blur_sigma": 0}, "blur_sigma must be greater than 0"),
        ({"grid_size": 0}, "grid_size must be at least 1"),
        ({"step_size": 0}, "step_size must be greater than 0"),
        ({"l1": -1}, "l1 must be at least 0"),
        ({"tv": -1}, "tv must be at least 0"),
        ({"beta": 0.5}, "beta must be at least 1"),
    ],
)
def test_impossible_option_is_refused(options, message, pooled, image):
    with pytest.raises(ValueError, match=message):
        meaningful_perturbation(pooled, image, 1, **options)
