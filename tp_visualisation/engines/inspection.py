"""What a model takes and what it gives: its input size, its outputs and what they are, its feature maps."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tp_visualisation.engines.ending import ending_of
from tp_visualisation.engines.features import Features, Grid
from tp_visualisation.engines.network import Network
from tp_visualisation.engines.tracing import recording
from tp_visualisation.images import Size, check_size


def input_size_of(model, input_size: Size | int | None = None) -> Size:
    """Return the size (h, w) that images are resized to: the one given, else the model's own.

    Raises:
        ValueError: several inputs, or a model that says no size.
    """
    shape = getattr(model, "input_shape", None)  # None for a model that was not built
    if isinstance(shape, (list, dict)) and len(shape) > 1:
        raise ValueError(f"a classifier must have one input, images (N, h, w, C): this model has {len(shape)}.")
    if input_size is not None:
        return check_size(input_size, "input_size")
    if not isinstance(shape, tuple) or len(shape) != 4 or None in shape[1:3]:
        raise ValueError(f"input_size=(h, w) is needed: the model's own input shape is {shape}.")
    return tuple(shape[1:3])


class Inspection(NamedTuple):
    """What a first pass shows of a network.

    Attributes:
        n_outputs: K of its outputs (N, K).
        activation: what the graph ends in: "softmax", "sigmoid" or None.
        features: the layers that give feature maps, in the order of the computation, with the `Grid` of their tokens.
    """

    n_outputs: int
    activation: str | None
    features: dict[str, Grid | None]


def inspect_network(network: Network, inputs: np.ndarray, size: Size) -> Inspection:
    """Trace a network once and look at what it does.

    Args:
        network: `Network` whose `output` is looked at.
        inputs: two of the network's own inputs (2, h, w, C), to pass through it.
        size: that of the images that they were made of.

    Raises:
        ValueError: inputs of another shape than the model's, or outputs that are not (N, K) numbers.
    """
    _check_size(inputs.shape[1:3], size)
    model = network.model
    shape = getattr(model, "input_shape", None)
    if isinstance(shape, tuple) and (len(shape) != inputs.ndim or not _fits(shape[1:], inputs.shape[1:])):
        raise ValueError(
            f"the model takes inputs {(None, *shape[1:])}, and images become {(None, *inputs.shape[1:])}: give "
            "input_size, or a preprocess that makes them fit."
        )
    if not model.built:
        model(inputs, training=False)
    seen: list = []

    def look(x):
        with recording(model) as calls:
            outputs = network.outputs(x)
        ending, features = ending_of(outputs), Features(model, calls, x, outputs)
        if ending.activation and ending_of(ending.scores).activation:
            raise ValueError("the scores of this model are probabilities: it ends in one softmax or sigmoid too many.")
        seen[:] = ending.activation, features
        return outputs, features.reach

    spec = tf.TensorSpec((None, *inputs.shape[1:]), tf.float32)
    outputs, reach = tf.function(look, autograph=False).get_concrete_function(spec)(tf.constant(inputs))
    activation, features = seen
    if activation is None and _are_probabilities(np.asarray(outputs, np.float32)):
        raise ValueError(
            "the outputs of this model are probabilities, and the softmax that makes them was not found, so that "
            "there are no scores to explain: let the model end in Dense(K) without activation, or in a plain "
            'softmax, as Dense(K, activation="softmax") or keras.layers.Softmax().'
        )
    return Inspection(outputs.shape[-1], activation, features.layers(reach))


def _fits(wanted, sides):
    return all(side in (None, ours) for side, ours in zip(wanted, sides, strict=True))


def _are_probabilities(rows):
    """Whether rows (2, K) lie in [0, 1] and add up to 1, for either of two images, which do not get the same."""
    alike = rows.shape[-1] < 2 or np.array_equal(rows[0], rows[1])
    return not alike and rows.min() >= 0 and np.abs(rows.sum(axis=-1) - 1).max() < 1e-4


def _check_size(size, input_size):
    """Raise a ValueError unless inputs have the size of the images that they are made of."""
    if size != input_size:
        raise ValueError(
            f"preprocess turns images of {input_size[0]} x {input_size[1]} into inputs of {size[0]} x {size[1]}: no "
            "map of the network could be laid on its image. Leave cutting and turning out of preprocess: give "
            f"input_size={size} if that is what the network takes, and channels last."
        )
