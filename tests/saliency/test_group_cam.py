"""Group-CAM against a loop over the groups done by hand."""

import keras
import numpy as np
import pytest
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.images import resize
from tp_visualisation.saliency.group_cam import group_cam

SIZE = (60, 72)


@pytest.fixture(scope="module")
def strided():
    """Five feature maps of 5 x 6, one of them dead, from an input of 60 x 72 centred on 0."""
    keras.utils.set_random_seed(5)
    inputs = keras.Input((*SIZE, 3))
    x = layers.Conv2D(5, 12, strides=12, name="conv")(inputs)
    x = layers.GlobalAveragePooling2D()(layers.ReLU(name="features")(x))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax", name="scores")(x))
    kernel, bias = model.get_layer("conv").get_weights()
    kernel[..., 3] = 0
    model.get_layer("conv").set_weights([kernel, bias])
    head, _ = model.get_layer("scores").get_weights()
    model.get_layer("scores").set_weights([20 * head, np.float32([0.1, 0.2, 0.3])])
    return tpv.Classifier(model, preprocess=lambda images: images / 127.5 - 1)


@pytest.fixture
def photograph():
    """Blobs: something that a blur changes."""
    coarse = np.random.default_rng(2).uniform(0, 255, (6, 8, 3)).astype(np.float32)
    return resize(coarse, SIZE)


def blur_by_hand(x):
    """The 51 x 51 Gaussian kernel with sigma 50, borders mirrored without repeating the edge."""
    kernel = np.exp(-((np.arange(51) - 25) ** 2) / (2 * 50**2))
    kernel /= kernel.sum()
    for axis in (0, 1):
        padding = [(25, 25) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(x.astype(np.float64), padding, mode="reflect")
        x = sum(weight * np.take(padded, np.arange(i, i + x.shape[axis]), axis=axis) for i, weight in enumerate(kernel))
    return x


def minmax(array):
    return (array - array.min()) / (array.max() - array.min()) if array.max() > array.min() else 0 * array


def group_cam_by_hand(classifier, image, target, groups):
    x = classifier.prepare(image)
    A, g, _ = classifier.activations_and_gradients(x, target)
    blurred = blur_by_hand(x[0])

    def probability(inputs):
        return classifier.input_probabilities(np.float32(inputs)[None])[0, target]

    total = 0
    for channels in groups:
        m = np.maximum(sum(g[0, ..., k].mean() * A[0, ..., k] for k in channels), 0)
        mask = minmax(resize(m, x.shape[1:3]))[..., None]
        gain = probability(x[0] * mask + blurred * (1 - mask)) - probability(blurred)
        total = total + max(gain, 0) * m
    return minmax(resize(total, image.shape[:2]))


GROUPS = {1: [[0, 1, 2, 3, 4]], 2: [[0, 1, 2], [3, 4]], 4: [[0, 1], [2], [3], [4]], 32: [[0], [1], [2], [3], [4]]}


@pytest.mark.parametrize("target", [0, 1, 2])
@pytest.mark.parametrize("n_groups", GROUPS)
def test_map_is_the_sum_of_the_groups_weighted_by_what_they_restore(strided, photograph, n_groups, target):
    expected = group_cam_by_hand(strided, photograph, target, GROUPS[n_groups])
    saliency_map = group_cam(strided, photograph, target, n_groups=n_groups)
    np.testing.assert_allclose(saliency_map, expected, atol=1e-3)


def test_comparison_is_not_between_maps_of_zeros(strided, photograph):
    assert all(group_cam(strided, photograph, target).max() == 1 for target in range(3))


def test_constant_image_has_nothing_to_restore(strided):
    np.testing.assert_array_equal(group_cam(strided, np.full((*SIZE, 3), 90, np.uint8), 0), 0)


def test_batch_size_does_not_change_the_map(strided, photograph):
    whole = group_cam(strided, photograph, 0)
    for batch_size in (1, 4):
        np.testing.assert_allclose(group_cam(strided, photograph, 0, batch_size=batch_size), whole, atol=1e-5)


def test_input_smaller_than_the_blur_kernel(pooled, image):
    x = pooled.prepare(image)
    expected = group_cam_by_hand(pooled, image, 1, [[0], [1]])
    assert x.shape[1:3] == (12, 20)
    np.testing.assert_allclose(group_cam(pooled, image, 1), expected, atol=1e-3)


def test_batch_form_gives_the_map_of_each_image(strided, photograph):
    images = np.stack([photograph[::-1], photograph / 300, photograph])  # the second: a dark window
    maps, scores = tpv.saliency.BATCHED["group_cam"](strided, images, 1)
    np.testing.assert_allclose(scores, strided.input_scores(strided.prepare(images)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(maps[2], group_cam(strided, photograph, 1), atol=1e-5)
    assert np.isfinite(maps).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"n_groups": 0}, "n_groups"), ({"batch_size": 0}, "batch_size"), ({"layer": "featurs"}, 'Closest: "features"')],
)
def test_bad_option_is_refused(options, message, strided, photograph):
    with pytest.raises(ValueError, match=message):
        group_cam(strided, photograph, 0, **options)
