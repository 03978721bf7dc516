"""The steps of `Classifier`: what it asks of the network inside a traced function."""

from tp_visualisation.later import tf

FEW = 4  # images that are classified without a frozen graph


def scores(network, inputs):
    return network.scores(inputs)


def input_gradient(network, inputs, targets):
    return _with_gradient(network.scores(inputs), targets, inputs)


def image_gradient(network, images, targets):
    """The step of `Classifier.gradient`: scores, and ∂S_c/∂I through preprocessing and network."""
    return _with_gradient(network.scores(network.prepare(images)), targets, images)


def _with_gradient(scores, targets, tensor):
    return scores, gradient_of_class(scores, targets, tensor)


def classes(targets, scores):
    """The class of each image: those predicted instead of negative indices."""
    return tf.where(targets < 0, tf.argmax(scores, axis=1, output_type=tf.int32), targets)


def gradient_of_class(scores, targets, tensor):
    """∂S_c/∂tensor, of one class for each image, or where its index is negative of the class predicted.

    Raises:
        ValueError: none gets there, as when the network rounds, or looks up, what it sees.
    """
    of_class = tf.one_hot(classes(targets, scores), tf.shape(scores)[1], dtype=scores.dtype)
    g = tf.gradients(scores, tensor, of_class)[0]
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
    return tf.broadcast_to(A, tf.shape(g)), g, scores


OF_CLASSES = {input_gradient, image_gradient, activations_and_gradients}  # of images (N, …) and a class of each
