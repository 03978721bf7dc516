"""The steps of `Classifier`: what it asks of the network inside a traced function."""

import tensorflow as tf


def scores(network, inputs):
    return network.scores(inputs)


def input_gradient(network, inputs, targets):
    return _with_gradient(network.scores(inputs), targets, inputs)


def image_gradient(network, images, targets):
    """The step of `Classifier.gradient`: scores, and ∂S_c/∂I through preprocessing and network."""
    return _with_gradient(network.scores(network.prepare(images)), targets, images)


def _with_gradient(scores, targets, tensor):
    target_scores = tf.gather(scores, targets, axis=1, batch_dims=1)
    return scores, tf.gradients(target_scores, tensor)[0]


def activations_and_gradients(network, inputs, targets, layer):
    scores, activations = network.scores_and_activations(inputs, layer)
    target_scores = tf.gather(scores, targets, axis=1, batch_dims=1)
    both = activations, tf.gradients(target_scores, activations)[0]
    A, g = (tf.cast(network.lay_out(tensor, layer), tf.float32) for tensor in both)
    return A, g, scores
