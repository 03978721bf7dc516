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
    return scores, gradient_of_class(scores, targets, tensor)


def gradient_of_class(scores, targets, tensor):
    """∂S_c/∂tensor, of one class for each image.

    Raises:
        ValueError: none gets there, as when the network rounds, or looks up, what it sees.
    """
    g = tf.gradients(tf.gather(scores, targets, axis=1, batch_dims=1), tensor)[0]
    if g is None:
        raise ValueError(
            "the score has no gradient here: the network, or the target function, uses operations that let none "
            "through. Methods that hide parts of the image explain it: rise, occlusion, quadtree_occlusion."
        )
    return tf.convert_to_tensor(g)


def activations_and_gradients(network, inputs, targets, layer):
    scores, activations = network.scores_and_activations(inputs, layer)
    both = activations, gradient_of_class(scores, targets, activations)
    A, g = (tf.cast(network.lay_out(tensor, layer), tf.float32) for tensor in both)
    return A, g, scores
