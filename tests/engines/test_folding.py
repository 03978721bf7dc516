"""Folding a batch normalisation changes the graph, not the scores."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tp_visualisation.engines import Network
from tp_visualisation.engines.folding import _KERNELS as KERNELS

SIZE = (12, 20)

CONVOLUTIONS = {
    "a convolution": lambda: layers.Conv2D(4, 3, use_bias=False),
    "strides and padding": lambda: layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False),
    "a depthwise convolution": lambda: layers.DepthwiseConv2D(3, padding="same", use_bias=False),
    "two outputs for each channel": lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False),
}
NORMALISATIONS = {"scale and offset": {}, "no scale": {"scale": False}, "no offset": {"center": False}}


def network(before, **normalisation):
    """A convolution, a batch normalisation that does something, pooling, scores."""
    x = inputs = keras.Input((*SIZE, 3))
    for layer in [before, layers.BatchNormalization(**normalisation), layers.ReLU(), layers.GlobalAveragePooling2D()]:
        x = layer(x)
    model = keras.Model(inputs, layers.Dense(2)(x))
    rng = np.random.default_rng(0)
    model.set_weights(
        [rng.uniform(0.2, 1, weight.shape) * rng.choice([-1, 1]) ** (weight.ndim > 1) for weight in model.get_weights()]
    )
    return model


def traced(model, x):
    """The scores of the traced network, and the operations that they depend on: (kind, first input)."""
    function = tf.function(lambda x: Network(model).scores(x), autograph=False).get_concrete_function(x)
    definition = function.graph.as_graph_def()
    pruned = tf.compat.v1.graph_util.extract_sub_graph(definition, [function.outputs[0].op.name])
    return function(x).numpy(), {node.name: (node.op, *node.input[:1]) for node in pruned.node}


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@pytest.mark.parametrize("convolution", CONVOLUTIONS)
def test_scores_are_those_of_the_model(convolution, normalisation):
    model = network(CONVOLUTIONS[convolution](), **NORMALISATIONS[normalisation])
    x = tf.constant(np.random.default_rng(1).normal(size=(5, *SIZE, 3)), tf.float32)
    scores, operations = traced(model, x)
    np.testing.assert_allclose(scores, model(x), rtol=1e-5, atol=1e-5)
    convolutions = {name for name, (kind, *_) in operations.items() if kind in KERNELS}
    biases = {operation[1] for operation in operations.values() if operation[0] == "BiasAdd"}
    assert len(convolutions) == 1
    assert convolutions <= biases  # nothing comes between the convolution and its offset


def test_a_convolution_with_a_bias_is_left_alone():
    model = network(layers.Conv2D(4, 3))
    x = tf.constant(np.random.default_rng(1).normal(size=(5, *SIZE, 3)), tf.float32)
    np.testing.assert_allclose(traced(model, x)[0], model(x), rtol=1e-5, atol=1e-5)


def test_a_normalisation_that_follows_no_convolution_is_left_alone():
    model = network(layers.Activation("relu"))
    x = tf.constant(np.random.default_rng(1).normal(size=(5, *SIZE, 3)), tf.float32)
    np.testing.assert_allclose(traced(model, x)[0], model(x), rtol=1e-5, atol=1e-5)


def test_the_convolution_stays_a_layer_that_can_be_explained():
    model = network(layers.Conv2D(4, 3, use_bias=False, name="convolution"))
    x = tf.constant(np.random.default_rng(1).normal(size=(5, *SIZE, 3)), tf.float32)

    @tf.function(autograph=False)
    def gradient(x):
        scores, activations = Network(model).scores_and_activations(x, "convolution")
        return tf.gradients(scores[:, 0], activations)[0]

    assert np.abs(gradient(x).numpy()).max() > 0


def test_the_model_is_left_as_it_was():
    model = network(layers.Conv2D(4, 3, use_bias=False))
    before = [dict(vars(layer)) for layer in model.layers]
    traced(model, tf.zeros((1, *SIZE, 3)))
    assert [list(vars(layer)) for layer in model.layers] == [list(variables) for variables in before]
    assert all("call" not in vars(layer) for layer in model.layers)
