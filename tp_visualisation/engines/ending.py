"""How a network ends: what turns its scores into probabilities, read from the graph that TensorFlow records.

    softmax    one class for each image; also a log-softmax
    sigmoid    each class for itself (several labels), or a single output: yes or no
    None       neither: the outputs are no probabilities, as in a regression

Where the graph ends in scores (logits), the loss that the model was compiled with says what they are for.
"""

from typing import NamedTuple

import tensorflow as tf

PASSING_ON = {"Identity", "Cast", "StopGradient", "Squeeze"}
ACTIVATIONS = {"Softmax": "softmax", "LogSoftmax": "softmax", "Sigmoid": "sigmoid"}  # operation → activation
CALLS = {"PartitionedCall", "StatefulPartitionedCall"}  # of a function inside the graph

# How the names of losses begin that compare numbers, not classes: mean squared error, Huber and the like.
REGRESSIONS = ("mean", "mse", "mae", "mape", "msle", "huber", "logcosh", "poisson")


class Ending(NamedTuple):
    """What the network computes before its last activation, and that activation.

    Attributes:
        scores: symbolic tensor (N, K); None where the activation is inside a compiled function, as in a SavedModel:
            then there are probabilities alone.
        activation: "softmax", "sigmoid", or None where the graph has none.
    """

    scores: tf.Tensor | None
    activation: str | None


def ending_of(outputs) -> Ending:
    """Return the `Ending` of symbolic outputs (N, K)."""
    last = outputs
    while last.op.type in PASSING_ON:
        last = last.op.inputs[0]
    if last.op.type in ACTIVATIONS:
        return Ending(last.op.inputs[0], ACTIVATIONS[last.op.type])
    if last.op.type in CALLS:
        functions = {function.signature.name: function for function in outputs.graph.as_graph_def().library.function}
        inside = _activation_inside(functions, last.op.get_attr("f").name, last.value_index)
        return Ending(None if inside else outputs, inside)
    return Ending(outputs, None)


def _activation_inside(functions, name, number):
    """The activation in which output `number` of the function called `name` ends, or one that it calls; else None."""
    function = functions.get(name)
    if function is None:
        return None
    nodes = {node.name: node for node in function.node_def}
    wanted = function.ret[function.signature.output_arg[number].name]  # "node:output:0"
    while (node := nodes.get(wanted.split(":")[0])) is not None:
        if node.op in CALLS:
            return _activation_inside(functions, node.attr["f"].func.name, int(wanted.split(":")[-1]))
        if node.op not in PASSING_ON:
            return ACTIVATIONS.get(node.op)
        wanted = node.input[0]
    return None


def activation_of_scores(model, n_outputs: int, n_labels: int | None) -> str | None:
    """Return the activation that belongs to scores (logits), for which the graph has none.

    The loss that the model was compiled with says it. Without one, several outputs are the scores of classes, and a
    single one is a number of its own, unless there are two labels for it.
    """
    if n_outputs == 1 and n_labels == 2:
        return "sigmoid"
    loss = getattr(model, "loss", None)
    name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")
    name = str(name).lower().replace("_", "")
    if name.startswith("binary") or name == "bce":
        return "sigmoid"
    if name.startswith(REGRESSIONS):
        return None
    return "softmax" if n_outputs > 1 else None  # a loss of the user's own says nothing
