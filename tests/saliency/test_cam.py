"""CAM, Grad-CAM, Grad-CAM++ and Smooth Grad-CAM++ against sums done by hand."""

import keras
import numpy as np
import pytest
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.images import resize
from tp_visualisation.saliency import BATCHED, cam, grad_cam, grad_cam_plus_plus, smooth_grad_cam_plus_plus

METHODS = [cam, grad_cam, grad_cam_plus_plus, smooth_grad_cam_plus_plus]
SIZE = (12, 20)
KERNEL = np.array([[1.0, -1.0], [0.5, 2.0], [-1.0, 0.25]], np.float32) / 100  # as in conftest
HEAD = np.array([[1.0, -0.5], [0.25, 1.0]], np.float32) * 10
POSITIONS = SIZE[0] * SIZE[1]


def features(image):
    """The two feature maps of `pooled` and `squared`."""
    return np.maximum(image.astype(np.float64) @ KERNEL, 0)


@pytest.fixture(scope="module")
def squared():
    """Feature maps of `pooled`, squared before the pooling: ∂S_c/∂A_k = 2 HEAD[k, c] A_k / positions."""
    inputs = keras.Input((*SIZE, 3))
    x = layers.ReLU(name="features")(layers.Conv2D(2, 1, use_bias=False, name="conv")(inputs))
    x = layers.GlobalAveragePooling2D()(layers.Multiply()([x, x]))
    model = keras.Model(inputs, layers.Dense(2, use_bias=False, name="scores")(x))
    model.get_layer("conv").set_weights([KERNEL[None, None]])
    model.get_layer("scores").set_weights([HEAD])
    return tpv.Classifier(model)


def network(end, n_channels=4):
    """A classifier whose feature maps, from a strided convolution, go through `end`."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(n_channels, 2, strides=2, name="conv")(inputs)
    x = layers.ReLU(name="features")(x)
    for layer in end:
        x = layer(x)
    return tpv.Classifier(keras.Model(inputs, x))


# CAM


@pytest.mark.parametrize("target", [0, 1])
def test_cam_is_the_sum_of_the_feature_maps_weighted_by_the_dense_layer(pooled, image, target):
    np.testing.assert_allclose(cam(pooled, image, target), features(image) @ HEAD[:, target], rtol=1e-4, atol=1e-4)


HEADS = {
    "dropout": lambda: [
        layers.SpatialDropout2D(0.5),
        layers.GlobalAveragePooling2D(),
        layers.Dropout(0.5),
        layers.Dense(3),
    ],
    "softmax": lambda: [layers.GlobalAveragePooling2D(), layers.Dense(3, use_bias=False), layers.Softmax()],
    "pooling by hand": lambda: [layers.AveragePooling2D(4), layers.Flatten(), layers.Dense(3, activation="softmax")],
    "1 x 1 convolution": lambda: [layers.GlobalAveragePooling2D(keepdims=True), layers.Conv2D(3, 1), layers.Flatten()],
    "sigmoid": lambda: [layers.GlobalAveragePooling2D(), layers.Dense(1, activation="sigmoid")],
}


@pytest.mark.parametrize("name", HEADS)
def test_cam_and_grad_cam_agree_whatever_stands_around_the_dense_layer(name):
    classifier = network(HEADS[name]())
    image = np.random.default_rng(0).uniform(0, 255, (4, 4, 3)).astype(np.float32)  # the grid's size: no stretching
    for target in range(len(classifier.labels)):
        signed = cam(classifier, image, target)
        assert np.ptp(signed) > 0
        expected = np.maximum(signed, 0) / 16
        np.testing.assert_allclose(grad_cam(classifier, image, target), expected, rtol=1e-4, atol=1e-4)


def test_mean_of_cam_plus_the_bias_is_the_score():
    classifier = network(HEADS["dropout"]())
    kernel, _ = classifier.model.layers[-1].get_weights()
    classifier.model.layers[-1].set_weights([kernel, np.float32([1, 20, 300])])
    image = np.random.default_rng(0).uniform(0, 255, (8, 8, 3)).astype(np.float32)
    saliency_map = cam(classifier, image, 2)
    A, _, scores = classifier.activations_and_gradients(classifier.prepare(image), 2)
    np.testing.assert_allclose(saliency_map, resize(A[0] @ kernel[:, 2], (8, 8)), rtol=1e-4, atol=1e-3)
    assert (A[0] @ kernel[:, 2]).mean() + 300 == pytest.approx(scores[0, 2], rel=1e-4)


def test_cam_finds_the_head_of_a_nested_network(nested):
    image = np.random.default_rng(0).uniform(0, 255, (96, 96, 3)).astype(np.float32)
    A, g, _ = nested.activations_and_gradients(nested.prepare(image), 1)
    by_gradient = np.einsum("k,ijk->ij", g[0].sum(axis=(0, 1)), A[0])
    np.testing.assert_allclose(
        cam(nested, image, 1), resize(by_gradient, (96, 96)), rtol=1e-3, atol=1e-4 * np.abs(by_gradient).max()
    )


BAD_HEADS = {
    "follows .*Relu": lambda: [layers.GlobalAveragePooling2D(), layers.Dense(5, activation="relu"), layers.Dense(3)],
    "follows .*Add": lambda: [layers.GlobalAveragePooling2D(), layers.Dense(5), layers.Dense(3)],
    "follows .*Max": lambda: [layers.GlobalMaxPooling2D(), layers.Dense(3)],
    "follows .*features": lambda: [layers.Flatten(), layers.Dense(3)],
    "more than one mean": lambda: [layers.AveragePooling2D(2), layers.Flatten(), layers.Dense(3)],
    "whole feature map": lambda: [layers.AveragePooling2D(3), layers.Flatten(), layers.Dense(3)],
    "ends in .*Mean": lambda: [layers.Conv2D(3, 1), layers.GlobalAveragePooling2D()],
}


@pytest.mark.parametrize("message", BAD_HEADS)
def test_cam_says_why_a_network_is_not_for_it(message):
    image = np.random.default_rng(0).uniform(0, 255, (8, 8, 3))
    with pytest.raises(ValueError, match=f"(?s)global average pooling and one dense layer.*{message}.*grad_cam"):
        cam(network(BAD_HEADS[message]()), image, 0)


def test_cam_refuses_a_layer_that_is_not_averaged(pooled, image):
    np.testing.assert_array_equal(cam(pooled, image, 0, layer="features"), cam(pooled, image, 0))
    with pytest.raises(ValueError, match='not "conv": leave layer=None'):
        cam(pooled, image, 0, layer="conv")


# Grad-CAM


@pytest.mark.parametrize("target", [0, 1])
def test_grad_cam_is_the_positive_part_of_cam_over_the_number_of_positions(pooled, image, target):
    expected = np.maximum(cam(pooled, image, target), 0) / POSITIONS
    np.testing.assert_allclose(grad_cam(pooled, image, target), expected, rtol=1e-4, atol=1e-6)


def test_grad_cam_averages_a_gradient_that_varies_over_the_positions(squared, image):
    A = features(image)
    w = (2 * HEAD[:, 1] * A / POSITIONS).mean(axis=(0, 1))
    np.testing.assert_allclose(grad_cam(squared, image, 1, layer="features"), np.maximum(A @ w, 0), rtol=1e-4)


def test_shifting_the_image_shifts_the_grad_cam_map(pooled, image):
    shifted = np.roll(image, (3, 5), axis=(0, 1))
    expected = np.roll(grad_cam(pooled, image, 1), (3, 5), axis=(0, 1))
    np.testing.assert_allclose(grad_cam(pooled, shifted, 1), expected, rtol=1e-4, atol=1e-7)


def test_map_goes_straight_from_the_grid_to_the_size_of_the_image():
    classifier = network(HEADS["dropout"]())
    image = np.random.default_rng(0).uniform(0, 255, (30, 50, 3)).astype(np.float32)
    A, g, _ = classifier.activations_and_gradients(classifier.prepare(image), 2)
    grid = np.maximum((A[0] * g[0].mean(axis=(0, 1))).sum(axis=-1), 0)
    np.testing.assert_allclose(grad_cam(classifier, image, 2), resize(grid, (30, 50)), rtol=1e-4)


# Grad-CAM++


def weights_by_hand(A, g, g2, g3, epsilon):
    weights = []
    for k in range(A.shape[-1]):
        total = 0.0
        for i, j in np.ndindex(A.shape[:2]):
            alpha = g2[i, j, k] / (2 * g2[i, j, k] + A[..., k].sum() * g3[i, j, k] + epsilon)
            total += alpha * max(g[i, j, k], 0)
        weights.append(total)
    return np.array(weights)


@pytest.mark.parametrize("target", [0, 1])
def test_grad_cam_plus_plus_is_the_formula_of_the_paper(squared, image, target):
    A = features(image)
    g = 2 * HEAD[:, target] * A / POSITIONS
    expected = np.maximum(A @ weights_by_hand(A, g, g**2, g**3, 1e-3), 0)
    saliency_map = grad_cam_plus_plus(squared, image, target, layer="features", floor=1e-3)
    np.testing.assert_allclose(saliency_map, expected, rtol=1e-4, atol=1e-6)


def test_grad_cam_plus_plus_uses_the_positive_gradients_only(pooled, image):
    A, g = features(image), HEAD[:, 1] / POSITIONS  # HEAD[0, 1] < 0: feature 0 has no weight
    w = POSITIONS * g[1] ** 3 / (2 * g[1] ** 2 + A[..., 1].sum() * g[1] ** 3 + 1e-7)
    np.testing.assert_allclose(grad_cam_plus_plus(pooled, image, 1), w * A[..., 1], rtol=1e-4)


def test_a_vanishing_denominator_weighs_nothing():
    inputs = keras.Input((16, 16, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(1, 1, name="conv")(inputs))
    model = keras.Model(inputs, layers.Dense(1, use_bias=False, name="scores")(x))
    model.get_layer("conv").set_weights([np.float32([-1 / 16, 0, 0]).reshape(1, 1, 3, 1), np.float32([2])])
    model.get_layer("scores").set_weights([np.ones((1, 1), np.float32)])
    image = np.zeros((16, 16, 3), np.float32)
    image[:8] = 128  # A = 2 or -6, g = 1 / 256: 2 g² + Σ A g³ = 2 / 256² - 512 / 256³ = 0

    np.testing.assert_array_equal(grad_cam_plus_plus(tpv.Classifier(model), image, 0, layer="conv"), 0)


# Smooth Grad-CAM++


def test_smooth_grad_cam_plus_plus_averages_the_three_derivatives(squared, image):
    noise = np.random.default_rng(5).standard_normal((4, *SIZE, 3)).astype(np.float32)
    sigma = 0.2 * (image.max() - image.min())
    g = [2 * HEAD[:, 1] * features(image + sigma * normals) / POSITIONS for normals in noise]
    d1, d2, d3 = (np.mean([gradient**power for gradient in g], axis=0) for power in (1, 2, 3))
    A = features(image)
    expected = np.maximum(A @ weights_by_hand(A, d1, d2, d3, 1e-3), 0)

    options = {"noise": noise, "noise_level": 0.2, "floor": 1e-3, "layer": "features"}
    for batch_size in (3, 32):
        saliency_map = smooth_grad_cam_plus_plus(squared, image, 1, batch_size=batch_size, **options)
        np.testing.assert_allclose(saliency_map, expected, rtol=1e-4, atol=1e-6)


def test_without_noise_it_is_grad_cam_plus_plus(squared, image):
    smooth = smooth_grad_cam_plus_plus(squared, image, 1, layer="features", noise_level=0)
    np.testing.assert_allclose(smooth, grad_cam_plus_plus(squared, image, 1, layer="features"), rtol=1e-5)


def test_the_seed_fixes_the_noise_whatever_the_batch_size(squared, image):
    options = {"layer": "features", "n_samples": 7}
    first, again, other = (smooth_grad_cam_plus_plus(squared, image, 1, seed=s, **options) for s in (0, 0, 1))
    cut = smooth_grad_cam_plus_plus(squared, image, 1, seed=0, batch_size=2, **options)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_allclose(first, cut, rtol=1e-5)
    assert not np.allclose(first, other, rtol=1e-3)


def test_after_global_pooling_noise_changes_nothing(pooled, image):
    np.testing.assert_allclose(
        smooth_grad_cam_plus_plus(pooled, image, 1), grad_cam_plus_plus(pooled, image, 1), rtol=1e-4
    )


# All of them


@pytest.mark.parametrize("method", METHODS)
def test_unknown_layer_gets_the_nearest_names(method, pooled, image):
    with pytest.raises(ValueError, match='no layer "featurs". Closest: "features"'):
        method(pooled, image, 0, layer="featurs")


@pytest.mark.parametrize("method", METHODS)
def test_dead_channels_one_channel_and_one_class_give_no_nan(method):
    classifier = network(HEADS["sigmoid"](), n_channels=1)
    kernel, bias = classifier.model.get_layer("conv").get_weights()
    for weights in ([kernel, bias], [0 * kernel, bias]):  # the second: a dead channel
        classifier.model.get_layer("conv").set_weights(weights)
        for image in (np.full((9, 7, 3), 200, np.uint8), np.zeros((9, 7, 3), np.uint8)):
            assert np.isfinite(method(classifier, image, 0)).all()


@pytest.mark.parametrize("method", [cam, grad_cam, grad_cam_plus_plus])
def test_batch_form_gives_the_map_of_each_image_even_a_dark_one(method):
    classifier = network(HEADS["dropout"]())
    images = np.random.default_rng(0).uniform(0, 255, (35, 8, 8, 3)).astype(np.float32)
    images[3] /= 300  # a dark window, which a check of whole images would refuse
    targets = np.arange(35) % 3
    batch = BATCHED[method.__name__]
    maps, scores = batch(classifier, images, targets)
    np.testing.assert_allclose(scores, classifier.input_scores(classifier.prepare(images)), rtol=1e-4, atol=1e-5)
    assert maps.shape == (35, 8, 8)
    assert maps.dtype == np.float32
    for number in (0, 17, 34):
        expected = method(classifier, images[number], targets[number])
        np.testing.assert_allclose(maps[number], expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(batch(classifier, images[:3], 1).saliency_maps[1], maps[1], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_samples": 0}, "n_samples"),
        ({"batch_size": 0}, "batch_size"),
        ({"noise_level": -1}, "noise_level"),
        ({"noise": np.zeros((2, 5, 5, 3))}, r"\(n, 12, 20, 3\)"),
        ({"noise": np.full((1, 12, 20, 3), np.nan)}, "NaN"),
        ({"floor": 0}, "floor"),
    ],
)
def test_bad_option_is_refused(options, message, pooled, image):
    with pytest.raises(ValueError, match=message):
        smooth_grad_cam_plus_plus(pooled, image, 0, **options)
