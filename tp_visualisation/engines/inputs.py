"""What a model is called with: the images, and of a model with several inputs a fixed value for each of the others."""

from typing import Any

import numpy as np
import tensorflow as tf


def input_shape_of(model, fixed_inputs: dict[str, Any] | None = None) -> tuple | None:
    """Return the shape (None, h, w, C) of the input that takes the images; None where the model does not say.

    Args:
        model: Keras model.
        fixed_inputs: name → value (without the axis of the batch) of every other input.

    Raises:
        ValueError: not exactly one input is left for the images, or a value that does not fit its input.
    """
    names = _names(model)
    fixed = {} if fixed_inputs is None else fixed_inputs
    if not isinstance(fixed, dict):
        raise ValueError(f'fixed_inputs must be a dict such as {{"age": [37.0]}}, got {fixed!r:.80}.')
    if not names:
        if fixed:
            raise ValueError("fixed_inputs needs a model with named inputs: a Functional one.")
        return getattr(model, "input_shape", None)  # None for a model that was not built
    shapes = {name: tuple(tensor.shape) for name, tensor in zip(names, model.inputs, strict=True)}
    for name, value in fixed.items():
        if name not in shapes:
            raise ValueError(f"fixed_inputs: the model has no input {name!r}: its inputs are {', '.join(names)}.")
        if not fits(shapes[name][1:], np.shape(value)):
            raise ValueError(f"fixed_inputs: {name} must have the shape {shapes[name][1:]}, got {np.shape(value)}.")
    left = [name for name in names if name not in fixed]
    if len(left) != 1:
        raise ValueError(
            f"a classifier must have one input, images (N, h, w, C): this model has {len(names)}, {', '.join(names)}. "
            "Fix the others: fixed_inputs={name: value}, a value without the axis of the batch."
        )
    return shapes[left[0]]


def with_fixed_inputs(model, images, fixed_inputs: dict[str, Any] | None = None):
    """Return what the model is called with: the images alone, or with each fixed input once for each image."""
    if not fixed_inputs:
        return images
    values = {}
    for name, tensor in zip(_names(model), model.inputs, strict=True):
        values[name] = tf.convert_to_tensor(images)
        if name in fixed_inputs:
            value = tf.convert_to_tensor(fixed_inputs[name], tensor.dtype)
            values[name] = tf.repeat(value[None], tf.shape(images)[0], axis=0)
    return values if isinstance(model.input, dict) else list(values.values())


def _names(model):
    """The names of a model's inputs, in the order of `model.inputs`; none where it has not said them."""
    inputs = getattr(model, "inputs", None) or []
    if isinstance(getattr(model, "input", None), dict):
        number = {id(tensor): name for name, tensor in model.input.items()}
        return [number[id(tensor)] for tensor in inputs]
    return [tensor.name for tensor in inputs]


def fits(wanted: tuple, shape: tuple) -> bool:
    """Return whether an array of `shape` is one of the shape `wanted`, whose open sides are None."""
    return len(wanted) == len(shape) and all(side in (None, ours) for side, ours in zip(wanted, shape, strict=True))
