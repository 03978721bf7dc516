"""Look inside a Keras model while TensorFlow records its graph. The model itself stays as it is.

Everything here runs once, while a function is traced: tensors are symbolic and know the operation that made them.
"""

from collections import Counter
from contextlib import contextmanager

import keras

from tp_visualisation.engines.watching import watching
from tp_visualisation.names import find_name


def one_output(outputs, output: str | int | None = None):
    """Return the output of a model that is meant: the only one, or the one called or numbered `output`.

    Raises:
        ValueError: there are several and none is chosen, or there is no such one.
    """
    if isinstance(outputs, dict):
        names, outputs = list(outputs), list(outputs.values())
    else:
        outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        names = [str(number) for number in range(len(outputs))]
    if output is not None and str(output) not in names and not (isinstance(output, int) and 0 <= output < len(outputs)):
        raise ValueError(f"the model has no output {output!r}: its outputs are {', '.join(names)}.")
    if output is None and len(outputs) > 1:
        raise ValueError(
            f"a classifier must have one output of shape (N, number of classes), this model has {len(outputs)}: choose "
            f"one of them, output={names[0] if names[0] == '0' else repr(names[0])} for instance."
        )
    number = 0 if output is None else names.index(str(output)) if str(output) in names else int(output)
    return outputs[number]


@contextmanager
def recording(model, calls=None):
    """Record (name, output) of each layer called inside the `with`, nested models included, in order.

    What is written between layers counts as one: `x + y` in a Functional model.
    """
    calls = [] if calls is None else calls
    names = {id(layer): name for name, layer in operations_by_name(model).items()}

    def record(layer, call, args, kwargs):
        output = call(*args, **kwargs)
        if id(layer) in names:
            calls.append((names[id(layer)], output))
        return output

    with watching(record):
        yield calls


def layers_by_name(model) -> dict:
    """Every layer of `model` by name, layers of nested models included; names used twice are replaced by their path."""
    layers = [layer for layer in model._flatten_layers(include_self=False) if not isinstance(layer, keras.Model)]
    uses = Counter(layer.name for layer in layers)
    return {layer.name if uses[layer.name] == 1 else layer.path or layer.name: layer for layer in layers}


def is_made_of_keras(model) -> bool:
    """Return whether every layer of `model`, those of nested models included, is one of Keras' own."""
    layers = [*model._flatten_layers()]
    own = all(type(layer).__module__.startswith("keras.") for layer in layers)
    return own and not any(isinstance(layer, keras.layers.Lambda) for layer in layers)


def operations_by_name(model) -> dict:
    """`layers_by_name`, and the operations of Functional models that are no layers, such as the `Add` of `x + y`."""
    named = layers_by_name(model)
    parts = [part for part in model._flatten_layers() if isinstance(part, keras.Model)]
    for part in parts:
        for operation in getattr(part, "operations", []):
            if not isinstance(operation, keras.layers.Layer):
                name = operation.name
                named[name if name not in named else f"{part.name}/{name}"] = operation
    return named


def operations_before(tensor) -> set:
    """Return the operations that a symbolic tensor depends on, its own among them."""
    seen, waiting = set(), [tensor.op]
    while waiting:
        operation = waiting.pop()
        if operation not in seen:
            seen.add(operation)
            waiting += [previous.op for previous in operation.inputs]
    return seen


def weights_of(graph) -> list:
    """Return what a traced graph reads from outside: (variable, or tensor of numbers, symbolic tensor) of each."""
    variables = {id(variable.handle): variable for variable in graph.variables}
    return [(variables.get(id(outside), outside), tensor) for outside, tensor in graph.captures]


def n_weights(weights: list) -> int:
    """Return how many numbers `weights_of` a graph hold."""
    return sum(weight.shape.num_elements() for weight, _ in weights)


def find_layer(name: str | None, names: list[str]) -> str:
    """The feature layer called `name`; None means the last one."""
    if not names:
        raise ValueError(
            "this model has no feature map: no layer on the way to its output gives (N, rows, columns, C), or patches "
            "of the image, (N, rows × columns, C)."
        )
    return names[-1] if name is None else find_name(name, names, "layer")
