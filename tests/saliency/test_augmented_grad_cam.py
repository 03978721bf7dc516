"""Augmented Grad-CAM against the paper's objective, written with gradients of TensorFlow and moved images."""

import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.images import resize
from tp_visualisation.saliency import augmented_grad_cam, grad_cam
from tp_visualisation.saliency.augmented_grad_cam import sampling

TURNED, SHIFTED = np.array([0, 0.3, -0.5, 0.1]), np.array([[0, 0], [3.3, -2], [0, 5.5], [-40, 0]])


def moved(images, angles, shifts):
    """Images (n, h, w, C) turned anticlockwise about their middles, then shifted right and down, as TensorFlow does."""
    h, w = images.shape[1:3]
    rows = []
    for angle in angles:
        c, s = np.cos(angle), np.sin(angle)
        middle = np.array([(w - 1) / 2, (h - 1) / 2])
        offset = middle - np.array([[c, -s], [s, c]]) @ middle
        rows.append([c, -s, offset[0], s, c, offset[1], 0, 0])
    for transforms in (rows, [[1, 0, -dx, 0, 1, -dy, 0, 0] for dx, dy in shifts]):
        images = tf.raw_ops.ImageProjectiveTransformV3(
            images=tf.cast(images, tf.float32),
            transforms=tf.constant(transforms, tf.float32),
            output_shape=[h, w],
            fill_value=0.0,
            interpolation="BILINEAR",
        )
    return images


def by_tape(maps, angles, shifts, size):
    """The fine map: 200 steps of Adam on the objective, from coarse maps (n, rows, columns) whose cells fit in size.

    D T R is made of what it does to each pixel: the gradient that TensorFlow has for moved images is not exact.
    """
    n, rows, columns = maps.shape
    pixels = np.eye(size[0] * size[1], dtype=np.float32).reshape(*size, -1)[None]  # as channels
    seen = [moved(pixels, [angle], [shift])[0] for angle, shift in zip(angles, shifts, strict=True)]
    matrix = np.stack(seen)[:, :: size[0] // rows, :: size[1] // columns].reshape(maps.size, -1)
    h = tf.Variable(np.zeros(size, np.float32))
    m = v = np.zeros(size, np.float32)
    for step in range(1, 201):
        with tf.GradientTape() as tape:
            data = tf.reduce_sum((tf.linalg.matvec(matrix, tf.reshape(h, [-1])) - maps.ravel()) ** 2)
            variation = tf.image.total_variation(h[..., None])
            loss = data + 0.002 * n * variation + 0.0001 * n * tf.reduce_sum(h**2)
        g = tape.gradient(loss, h).numpy()
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        h.assign_sub(0.001 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8))
    return h.numpy()


@pytest.mark.parametrize("grid", [(3, 4), (12, 6), (24, 36)])
def test_the_matrix_turns_shifts_and_samples_as_tensorflow_does(grid):
    fine = np.random.default_rng(0).uniform(0, 1, (24, 36)).astype(np.float32)
    seen = moved(np.repeat(fine[None, ..., None], 4, 0), TURNED, SHIFTED)[..., 0].numpy()
    matrix = sampling(TURNED, SHIFTED, (24, 36), grid)
    expected = seen[:, :: 24 // grid[0], :: 36 // grid[1]]
    np.testing.assert_allclose((matrix @ fine.ravel()).reshape(expected.shape), expected, atol=2e-5)


def test_a_quarter_turn_is_anticlockwise_and_the_shift_comes_after_it():
    fine = np.zeros((3, 3), np.float32)
    fine[1, 2] = 1  # to the right of the middle
    seen = (sampling(np.array([np.pi / 2]), np.array([[0, 0]]), (3, 3), (3, 3)) @ fine.ravel()).reshape(3, 3)
    assert np.argwhere(seen > 0.5).tolist() == [[0, 1]]  # above it
    seen = (sampling(np.array([np.pi / 2]), np.array([[-1, 2]]), (3, 3), (3, 3)) @ fine.ravel()).reshape(3, 3)
    assert np.argwhere(seen > 0.5).tolist() == [[2, 0]]  # one to the left, two down


def test_cells_that_do_not_fit_are_read_between_pixels():
    ramp = np.tile(np.arange(10, dtype=np.float32), (4, 1))
    matrix = sampling(np.zeros(1), np.zeros((1, 2)), (4, 10), (2, 4))
    np.testing.assert_allclose(matrix @ ramp.ravel(), [0, 2.5, 5, 7.5] * 2, rtol=1e-5)


@pytest.fixture(scope="module")
def coarse():
    """Feature maps of 6 x 8 cells, of 4 x 4 pixels each."""
    keras.utils.set_random_seed(2)
    inputs = keras.Input((24, 32, 3))
    x = layers.Conv2D(6, 4, strides=4, activation="relu", name="features")(inputs)
    x = layers.GlobalAveragePooling2D()(x)
    return tpv.Classifier(
        keras.Model(inputs, layers.Dense(2, kernel_initializer=keras.initializers.RandomUniform(-0.2, 1))(x))
    )


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(4).uniform(0, 255, (24, 32, 3)).astype(np.float32)


def normalised_maps(classifier, picture, target, angles, shifts):
    """Grad-CAM of each moved image, (n, rows, columns), divided by its maximum."""
    images = moved(np.repeat(picture[None], len(angles), 0), angles, shifts).numpy()
    A, g, _ = classifier.activations_and_gradients(images, target)
    maps = np.maximum((A * g.mean(axis=(1, 2), keepdims=True)).sum(axis=-1), 0)
    return maps / maps.max(axis=(1, 2), keepdims=True)


def test_a_run_is_replayed_with_its_transforms(coarse, picture):
    rng = np.random.default_rng(1)
    angles, shifts = rng.uniform(-0.5, 0.5, 12), rng.uniform(-4, 4, (12, 2))
    expected = by_tape(normalised_maps(coarse, picture, 1, angles, shifts), angles, shifts, (24, 32))
    saliency_map = augmented_grad_cam(coarse, picture, 1, transforms=(angles, shifts), batch_size=5)
    correlation = np.corrcoef(saliency_map.ravel(), expected.ravel())[0, 1]
    assert correlation > 0.996  # of rounding, the sign of a difference and Adam make whole steps
    assert saliency_map.max() == pytest.approx(expected.max(), rel=0.02)


def test_the_first_image_is_not_moved_and_the_seed_draws_within_the_limits(coarse, picture, monkeypatch):
    seen, module = [], sys.modules[augmented_grad_cam.__module__]
    monkeypatch.setattr(module, "sampling", lambda *given: seen.append(given) or sampling(*given))
    augmented_grad_cam(coarse, picture, 1, n_augmentations=200, seed=3)
    (angles, shifts, size, grid) = seen[0]
    assert (angles[0], *shifts[0]) == (0, 0, 0)
    assert 0.48 < np.abs(angles).max() <= 0.5
    for side, largest in enumerate((32 * 30 / 224, 24 * 30 / 224)):
        assert 0.95 * largest < np.abs(shifts[:, side]).max() <= largest
    assert (size, grid) == ((24, 32), (6, 8))


@pytest.mark.parametrize("aggregate", ["mean", "max"])
def test_maps_moved_back_are_averaged_or_their_maximum_is_taken(coarse, picture, aggregate):
    alone = (np.zeros(1), np.zeros((1, 2)))
    plain = grad_cam(coarse, picture, 1)
    single = augmented_grad_cam(coarse, picture, 1, transforms=alone, aggregate=aggregate)
    np.testing.assert_allclose(single / single.max(), plain / plain.max(), rtol=1e-4, atol=1e-6)

    angles, shifts = np.array([0, 0.4]), np.array([[0, 0], [3, -2]])
    maps = [resize(one, (24, 32)) for one in normalised_maps(coarse, picture, 1, angles, shifts)]
    back = moved(np.stack(maps)[..., None], [0, 0], -shifts)
    back = moved(back, -angles, [[0, 0], [0, 0]]).numpy()[..., 0]
    expected = getattr(back, aggregate)(axis=0)
    saliency_map = augmented_grad_cam(coarse, picture, 1, transforms=(angles, shifts), aggregate=aggregate)
    np.testing.assert_allclose(saliency_map, expected, rtol=1e-3, atol=1e-5)


def test_dead_maps_are_zero_and_never_nan(coarse, picture):
    keras.utils.set_random_seed(2)
    dead = tpv.Classifier(keras.models.clone_model(coarse.model))
    dead.model.layers[-1].set_weights([-np.ones((6, 2), np.float32), np.zeros(2, np.float32)])
    for aggregate in ("super_resolution", "mean", "max"):
        with pytest.warns(UserWarning, match="same everywhere"):
            saliency_map = augmented_grad_cam(dead, picture, 0, n_augmentations=3, aggregate=aggregate)
        np.testing.assert_array_equal(saliency_map, 0)
        assert np.isfinite(augmented_grad_cam(coarse, np.zeros((9, 9, 3)), 0, aggregate=aggregate)).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_augmentations": 0}, "n_augmentations must be at least 1"),
        ({"batch_size": 0}, "batch_size"),
        ({"aggregate": "median"}, 'aggregate must be "super_resolution", "mean" or "max"'),
        ({"transforms": 3}, r"angles \(n,\) and shifts \(n, 2\), got 3"),
        ({"transforms": ([0, 1], [[0, 0]])}, r"got \(2,\) and \(1, 2\)"),
        ({"transforms": ([], np.zeros((0, 2)))}, r"got \(0,\) and \(0, 2\)"),
        ({"transforms": ([np.nan], [[0, 0]])}, "NaN"),
        ({"layer": "featurs"}, 'no layer "featurs". Closest: "features"'),
    ],
)
def test_bad_option_is_refused(options, message, coarse, picture):
    with pytest.raises(ValueError, match=message):
        augmented_grad_cam(coarse, picture, 0, **options)
