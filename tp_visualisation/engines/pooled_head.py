"""Walk back from the scores to global average pooling: the end of a network that CAM can read."""

import tensorflow as tf

from tp_visualisation.engines.ending import PASSING_ON


def pooled_head(scores):
    """Walk back from the scores: dense layer (or 1 × 1 convolution), dropout and the like, pooling.

    Args:
        scores: symbolic tensor (N, classes).

    Returns:
        What is pooled (N, rows, columns, channels), the result, and the weights (channels, classes).

    Raises:
        ValueError: the network ends in another way; the message says which.
    """
    end = _upstream(scores)[-1].op
    if end.type == "ConcatV2" and end.inputs[0].op.type == "Neg":  # a single output z as no and yes: (−z, z)
        A, pooled, w = pooled_head(end.inputs[1])
        return A, pooled, tf.concat([-w, w], axis=-1)
    dense = _upstream(scores, "BiasAdd", "Add", "AddV2")[-1].op
    if dense.type not in ("MatMul", "Conv2D"):
        raise ValueError(f'this one ends in "{dense.name}" ({dense.type}).')
    pooled, weights = dense.inputs
    pooling = _upstream(pooled)[-1].op
    if pooling.type not in ("Mean", "AvgPool"):
        raise ValueError(f'in this one the dense layer follows "{pooling.name}" ({pooling.type}).')
    A = pooling.inputs[0]
    channels, classes = A.shape[-1], weights.shape[-1]
    if A.shape.rank != 4 or weights.shape.num_elements() != channels * classes:
        raise ValueError("this one's dense layer reads more than one mean of each map.")
    return A, pooled, tf.reshape(weights, [channels, classes])


def is_copy_of(tensor, other) -> bool:
    """Return whether `tensor` is `other`, or made of it by operations that change no value."""
    return other.name in [upstream.name for upstream in _upstream(tensor)]


def _upstream(tensor, *types):
    """The tensors that `tensor` is a copy of, back through operations that change nothing and those of `types`."""
    tensors = [tensor]
    while tensors[-1].op.type in PASSING_ON | {"Reshape", *types}:
        tensors.append(tensors[-1].op.inputs[0])
    return tensors
