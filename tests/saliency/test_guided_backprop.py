"""Guided backpropagation, against the rule applied by hand."""

import keras
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.saliency.gradients import gradient
from tp_visualisation.saliency.guided_backprop import guided_backprop

ACTIVATIONS = {
    "layer": lambda: keras.layers.ReLU(),
    "six": lambda: keras.layers.ReLU(6),
    "activation": lambda: keras.layers.Activation("relu"),
    "activation6": lambda: keras.layers.Activation("relu6"),
    "leaky": lambda: keras.layers.LeakyReLU(0.25),
}
SIZE = (2, 3)


def network(first, second, wrap=lambda body, inputs: body(inputs)):
    """Two dense layers on the pixels, `first` and `second` being their activations; and their weights."""
    rng = np.random.default_rng(0)
    w1, w2, w3 = (rng.normal(0, 1, shape).astype(np.float32) for shape in ((18, 30), (30, 20), (20, 2)))
    inputs = keras.Input((*SIZE, 3))
    x = first(keras.layers.Dense(30, use_bias=False, name="dense1")(keras.layers.Flatten()(inputs)))
    x = second(keras.layers.Dense(20, use_bias=False, name="dense2")(x))
    body = keras.Model(inputs, keras.layers.Dense(2, use_bias=False, name="dense3")(x))
    for name, w in (("dense1", w1), ("dense2", w2), ("dense3", w3)):
        body.get_layer(name).set_weights([w])
    outer = keras.Input((*SIZE, 3))
    return tpv.Classifier(keras.Model(outer, wrap(body, outer)), preprocess=lambda images: images / 64), (w1, w2, w3)


def by_hand(image, weights, target, guided=True, ceiling=np.inf):
    """Forward, then backward with the paper's rule at both activations."""
    w1, w2, w3 = (w.astype(np.float64) for w in weights)
    x1 = image.ravel() / 64 @ w1
    x2 = np.clip(x1, 0, ceiling) @ w2
    g = w3[:, target]
    for x, w in ((x2, w2), (x1, w1)):
        passes = (x > 0) & (x < ceiling) & ((g > 0) | (not guided))
        g = w @ (g * passes)
    return np.abs(g / 64).reshape(*SIZE, 3).max(axis=-1)


@pytest.fixture
def small():
    return np.random.default_rng(4).uniform(0, 255, (*SIZE, 3)).astype(np.float32)


@pytest.mark.parametrize("kind", ["layer", "six", "activation", "activation6"])
@pytest.mark.parametrize("target", [0, 1])
def test_map_is_the_rule_applied_by_hand(kind, target, small):
    clf, weights = network(ACTIVATIONS[kind](), ACTIVATIONS[kind]())
    ceiling = 6 if "6" in kind or kind == "six" else np.inf
    guided = guided_backprop(clf, small, target)
    np.testing.assert_allclose(guided, by_hand(small, weights, target, ceiling=ceiling), rtol=1e-4)
    plain = by_hand(small, weights, target, guided=False, ceiling=ceiling)
    np.testing.assert_allclose(gradient(clf, small, target), plain, rtol=1e-4)
    assert not np.allclose(guided, plain, rtol=0.05)


def test_some_inputs_of_the_relu6_are_above_six(small):
    _, weights = network(ACTIVATIONS["six"](), ACTIVATIONS["six"]())
    assert not np.allclose(by_hand(small, weights, 1, ceiling=6), by_hand(small, weights, 1), rtol=0.05)


def test_relu_inside_a_dense_layer_of_a_nested_model_is_guided(small):
    clf, weights = network(
        keras.activations.relu, keras.activations.relu, wrap=lambda body, inputs: keras.Sequential([body])(inputs)
    )
    np.testing.assert_allclose(guided_backprop(clf, small, 1), by_hand(small, weights, 1), rtol=1e-4)


def test_relu_written_in_a_convolution_is_guided(small):
    inputs = keras.Input((*SIZE, 3))
    x = keras.layers.Conv2D(2, 1, use_bias=False, activation="relu", name="conv")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2, use_bias=False)(keras.layers.Flatten()(x)))
    kernel = np.array([[1, -1], [0.5, 0.5], [-1, 1]], np.float32)
    head = np.random.default_rng(5).normal(size=(12, 2)).astype(np.float32)
    model.set_weights([kernel[None, None], head])

    g = head[:, 1].reshape(*SIZE, 2)
    expected = np.abs((g * (small @ kernel > 0) * (g > 0)) @ kernel.T).max(axis=-1)
    assert (g < 0).any()
    np.testing.assert_allclose(guided_backprop(tpv.Classifier(model), small, 1), expected, rtol=1e-5)


def test_leaky_relu_is_treated_as_a_relu_on_the_way_back(small):
    clf, (w1, w2, w3) = network(ACTIVATIONS["leaky"](), ACTIVATIONS["leaky"]())
    x1 = small.ravel() / 64 @ w1
    x2 = np.where(x1 > 0, x1, x1 / 4) @ w2
    g = w2 @ (w3[:, 1] * (x2 > 0) * (w3[:, 1] > 0))
    expected = np.abs(w1 @ (g * (x1 > 0) * (g > 0)) / 64).reshape(*SIZE, 3).max(axis=-1)
    np.testing.assert_allclose(guided_backprop(clf, small, 1), expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("make", "low", "high"),
    [
        (lambda: keras.layers.PReLU("normal"), 0, np.inf),
        (lambda: keras.layers.PReLU(keras.initializers.Constant(0.25)), 0, np.inf),
        (lambda: keras.layers.ReLU(threshold=0.5), 0.5, np.inf),
        (lambda: keras.layers.ReLU(max_value=3), 0, 3),
        (lambda: keras.layers.ReLU(max_value=4, threshold=0.2, negative_slope=0.1), 0.2, 4),
        (lambda: keras.layers.ReLU(negative_slope=0.3), 0, np.inf),
    ],
)
def test_every_relu_of_keras_lets_through_what_lies_between_its_kinks(make, low, high, small):
    first, second = make(), make()
    clf, (w1, w2, w3) = network(first, second)
    x1 = small.ravel() / 64 @ w1
    x2 = np.asarray(first(x1[None]))[0] @ w2
    g = w2 @ (w3[:, 1] * (x2 > low) * (x2 < high) * (w3[:, 1] > 0))
    expected = np.abs(w1 @ (g * (x1 > low) * (x1 < high) * (g > 0)) / 64).reshape(*SIZE, 3).max(axis=-1)
    scores = clf.scores(small)
    np.testing.assert_allclose(guided_backprop(clf, small, 1), expected, rtol=1e-4, atol=1e-7)
    batch = tpv.saliency.BATCHED["guided_backprop"](clf, small[None], 1)
    np.testing.assert_allclose(batch.scores, scores, rtol=1e-5)  # the way there is the network's own


def test_gradient_of_the_same_classifier_stays_plain_after_a_guided_pass(small):
    clf, weights = network(ACTIVATIONS["layer"](), ACTIVATIONS["layer"]())
    guided_backprop(clf, small, 1)
    np.testing.assert_allclose(gradient(clf, small, 1), by_hand(small, weights, 1, guided=False), rtol=1e-4)


def test_network_without_relu_is_refused(classifier, image):
    with pytest.raises(ValueError, match="needs a network with ReLU"):
        guided_backprop(classifier, image, 1)


def test_swish_is_not_a_relu(small):
    clf, _ = network(keras.layers.Activation("swish"), keras.layers.Activation("swish"))
    with pytest.raises(ValueError, match="needs a network with ReLU"):
        guided_backprop(clf, small, 1)


def test_batch_is_each_image_by_itself_with_its_own_target(pooled, image):
    images, targets = np.stack([image, image[::-1], 255 - image]), [0, 1, 0]
    expected = [guided_backprop(pooled, one, target) for one, target in zip(images, targets, strict=True)]
    np.testing.assert_allclose(
        tpv.saliency.BATCHED["guided_backprop"](pooled, images, targets).saliency_maps, expected, rtol=1e-5, atol=1e-9
    )
