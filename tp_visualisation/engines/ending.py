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


# How the names of losses begin that compare numbers, not classes: mean squared error, Huber and the like.
REGRESSIONS = ("mean", "mse", "mae", "mape", "msle", "huber", "logcosh", "poisson")


class Ending(NamedTuple):
    """What the network computes before its last activation, and that activation: None where the graph has none."""

    scores: tf.Tensor
    activation: str | None


def ending_of(outputs) -> Ending:
    """Return the `Ending` of symbolic outputs (N, K)."""
    operation = outputs.op
    while operation.type in PASSING_ON:
        operation = operation.inputs[0].op
    if operation.type in ACTIVATIONS:
        return Ending(operation.inputs[0], ACTIVATIONS[operation.type])
    return Ending(outputs, None)


def activation_by_loss(model, n_outputs: int) -> str | None:
    """Return the activation that belongs to scores, by the loss that the model was compiled with.

    Without a loss several outputs are the scores of classes, and a single one is a number of its own.
    """
    loss = getattr(model, "loss", None)
    name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")
    name = str(name).lower().replace("_", "")
    if name.startswith("binary") or name == "bce":
        return "sigmoid"
    if name.startswith(REGRESSIONS):
        return None
    return "softmax" if n_outputs > 1 else None  # a loss of the user's own says nothing
