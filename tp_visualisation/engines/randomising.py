"""Weights shuffled layer by layer, and given back."""

from contextlib import contextmanager

import numpy as np

from tp_visualisation.engines.tracing import layers_by_name, recording


def layers_with_weights(network, inputs) -> list[str]:
    """Return the names of the layers that `shuffle` can change, in the order in which they are last called."""
    with recording(network.model) as calls:
        network.outputs(inputs)
    layers = layers_by_name(network.model)
    called = dict.fromkeys(name for name, _ in reversed(calls))
    return [name for name in called if _arrays_of(layers[name])][::-1]


def shuffle(model, layer: str, rng: np.random.Generator) -> None:
    """Shuffle the values of each weight array of the layer called `layer`, in place."""
    for weight in _arrays_of(layers_by_name(model)[layer]):
        weight.assign(rng.permuted(weight.numpy()))


@contextmanager
def weights_restored(model):
    """Give a model its weights back at the end of the `with`, whatever happens inside."""
    weights = [(weight, weight.numpy()) for weight in model.weights]
    try:
        yield
    finally:
        for weight, value in weights:
            weight.assign(value)


def _arrays_of(layer):
    """The weights that a layer holds itself, not in a layer inside it, and that shuffling can change."""
    inner = {id(weight) for part in layer._flatten_layers(include_self=False) for weight in part.weights}
    return [weight for weight in layer.weights if id(weight) not in inner and np.prod(weight.shape) > 1]
