"""What a model takes and what it gives: its input size, its outputs and what they are, its feature maps."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tp_visualisation.engines.black_box import BlackBox
from tp_visualisation.engines.ending import activation_of_scores, ending_of
from tp_visualisation.engines.features import Features, Grid
from tp_visualisation.engines.folding import folding
from tp_visualisation.engines.inputs import fits, input_shape_of
from tp_visualisation.engines.network import Network
from tp_visualisation.engines.record import Record
from tp_visualisation.engines.tracing import recording
from tp_visualisation.images import Size, check_size


def input_size_of(shape: tuple | None, input_size: Size | int | None = None) -> Size:
    """Return the size (h, w) that images are resized to: the one given, else that of an input of `shape`.

    Raises:
        ValueError: neither says a size.
    """
    if input_size is not None:
        return check_size(input_size, "input_size")
    if not isinstance(shape, tuple) or len(shape) != 4 or None in shape[1:3]:
        raise ValueError(f"input_size=(h, w) is needed: the model's own input shape is {shape}.")
    return tuple(shape[1:3])


class Inspection(NamedTuple):
    """What a first pass shows of a network.

    Attributes:
        outputs: what it gives for the two inputs, (2, K) for K classes or numbers.
        activation: what the graph ends in: "softmax", "sigmoid" or None.
        has_scores: whether what comes before that activation can be reached; else there are probabilities alone.
        features: the layers that give feature maps, in the order of the computation, with the `Grid` of their tokens.
    """

    outputs: np.ndarray
    activation: str | None
    has_scores: bool
    features: dict[str, Grid | None]


def inspect_network(network: Network, inputs: np.ndarray, size: Size) -> Inspection:
    """Trace a network once and look at what it does.

    Args:
        network: `Network` whose `output` is looked at.
        inputs: two of the network's own inputs (2, h, w, C), to pass through it.
        size: that of the images that they were made of.

    Raises:
        ValueError: inputs of another shape than the model's.
    """
    _check_size(inputs.shape[1:3], size)
    model = network.model
    shape = input_shape_of(model, network.fixed_inputs)
    if isinstance(shape, tuple) and not fits(shape[1:], inputs.shape[1:]):
        raise ValueError(
            f"the model takes inputs {(None, *shape[1:])}, and images become {(None, *inputs.shape[1:])}: give "
            "input_size, or a preprocess that makes them fit."
        )
    if not model.built:
        model(inputs, training=False)
    calls: list = []
    seen: list = []

    def look(x):
        with folding(model) as replaced, recording(model, calls):
            outputs = network.outputs(x)
        ending, features = ending_of(outputs), Features(model, calls, x, outputs, replaced)
        if ending.activation and ending.scores is not None and ending_of(ending.scores).activation:
            raise ValueError("the scores of this model are probabilities: it ends in one softmax or sigmoid too many.")
        seen[:] = ending, features
        return [outputs, *features.reach]

    spec = tf.TensorSpec((None, *inputs.shape[1:]), tf.float32)
    record = Record(look, calls, spec)
    outputs, *reach = record.run(inputs)
    network.keep(record)
    (scores, activation), features = seen
    outputs = np.asarray(outputs, np.float32)
    if scores is not None and activation is None and _are_probabilities(outputs):
        scores, activation = None, "softmax"
    return Inspection(outputs, activation, scores is not None, features.layers(reach))


def settle(network: Network, inputs: np.ndarray, size: Size, activation: str | None, n_labels: int | None) -> tuple:
    """Inspect a network, set what it leaves open, and return the shape of its scores: (None, K) for K classes.

    Args:
        network: `Network`; its input shape, activation, grids and whether it has scores are set.
        inputs, size: as for `inspect_network`.
        activation: "softmax", "sigmoid" or None; "auto" for what the network says itself.
        n_labels: number of labels given; None for none.

    Raises:
        ValueError: as `inspect_network`, an activation for outputs that are not (N, K), or a black box that gives
            no probabilities.
    """
    found = inspect_network(network, inputs, size)
    *pixels, n_outputs = found.outputs.shape[1:] or (1,)
    if pixels and activation not in ("auto", None):
        raise ValueError(f"activation is for outputs (N, K), and this model gives {(None, *pixels, n_outputs)}.")
    if activation == "auto" and not pixels:
        one = isinstance(network.model, BlackBox) and n_outputs == 1
        n_labels = 2 if one else n_labels  # a black box with one output gives P(yes)
        activation = found.activation or activation_of_scores(network.model, n_outputs, n_labels)
    if isinstance(network.model, BlackBox) and activation is not None:
        found = found._replace(has_scores=False)
        _check_probabilities(found.outputs, activation)
    network.input_shape = inputs.shape[1:]
    network.activation = None if pixels else activation
    network.gives_logs = not found.has_scores and found.outputs.max() <= 0
    network.has_scores, network.grids = found.has_scores or network.activation is None, found.features
    return (None, *pixels, 2 if n_outputs == 1 and network.activation == "sigmoid" else n_outputs)


def _check_probabilities(rows, activation):
    """Raise a ValueError unless what a black box gives, (2, K), are the probabilities that it is said to give."""
    if rows.min() < 0 or rows.max() > 1 or (activation == "softmax" and np.abs(rows.sum(axis=-1) - 1).max() > 1e-3):
        raise ValueError(
            f"function must give probabilities, {rows.shape[-1]} numbers in [0, 1] that add up to 1, got "
            f"{np.round(rows[0], 4).tolist()!s:.80} for a random image. If they are several labels, each for itself, "
            'say activation="sigmoid"; if they are no probabilities, activation=None.'
        )


def _are_probabilities(rows):
    """Whether rows (2, K) lie in [0, 1] and add up to 1, for either of two images, which do not get the same."""
    alike = rows.ndim != 2 or rows.shape[-1] < 2 or np.array_equal(rows[0], rows[1])
    return not alike and rows.min() >= 0 and np.abs(rows.sum(axis=-1) - 1).max() < 1e-4


def _check_size(size, input_size):
    """Raise a ValueError unless inputs have the size of the images that they are made of."""
    if size != input_size:
        raise ValueError(
            f"preprocess turns images of {input_size[0]} x {input_size[1]} into inputs of {size[0]} x {size[1]}: no "
            "map of the network could be laid on its image. Leave cutting and turning out of preprocess: give "
            f"input_size={size} if that is what the network takes, and channels last."
        )
