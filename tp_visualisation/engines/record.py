"""A network traced once: other functions get a copy of that graph, in a third of the time that Keras takes to call it.

Every step has a graph of its own with the whole network in it. Where Keras calls the model anew for each of them, it is
this that a first call waits for.
"""

import numpy as np
import tensorflow as tf

from tp_visualisation.engines.tracing import n_weights, operations_before, weights_of

LARGEST_FROZEN = 10_000_000  # weights that become numbers of a graph; large networks gain little by it
BOUND = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}  # operations that call Python, and live as long as their graph


class Records(dict):
    """Records by the shape of their inputs; a graph cannot be pickled or copied, so a copy of this has none."""

    def __reduce__(self):
        return Records, ()


class Record:
    """The graph of a function.

    Args:
        function: from symbolic inputs (N, h, w, C) to symbolic outputs.
        calls: list in which it leaves (name, output) of each layer called.
        spec: `tf.TensorSpec` of the inputs.

    Attributes:
        layers: those on the way to the outputs, whose output can be copied too: name → tensor name.
    """

    def __init__(self, function, calls, spec):
        with tf.init_scope():  # not inside the function that is being traced
            self._function = tf.compat.v1.wrap_function(function, [spec])
        (self._outputs,) = self._function.outputs
        on_the_way = operations_before(self._outputs)
        graph = self._function.graph
        self._graph = graph.as_graph_def()
        for node in [node for node in self._graph.node if graph.get_operation_by_name(node.name) not in on_the_way]:
            self._graph.node.remove(node)
        read = [(weight, tensor) for weight, tensor in weights_of(graph) if tensor.op in on_the_way]
        self._weights = [pair for pair in read if pair[1].op.type == "Placeholder"]  # small ones are in the graph
        self.layers = {name: output.name for name, output in calls if getattr(output, "op", None) in on_the_way}

    def can_be_copied(self) -> bool:
        """Return whether a copy computes the same, gradients too.

        A gradient that is written in Python belongs to one graph, and so does that of a function inside the graph.
        """
        own = (node.op in BOUND or "_gradient_op_type" in node.attr for node in self._graph.node)
        return not self._graph.library.function and not any(own)

    def copy(self, inputs, layer: str | None = None, constant: bool = False) -> list:
        """Copy the graph into the function that is being traced: its outputs and, if asked for, those of a layer.

        Args:
            inputs: symbolic inputs of the copy.
            layer: one of `layers`.
            constant: the weights are the numbers that they are now, instead of being read at every call, unless there
                are more than 10 million.
        """
        graph = tf.compat.v1.get_default_graph()
        constant = constant and n_weights(self._weights) <= LARGEST_FROZEN
        places = {self._function.inputs[0].name: inputs}
        numbers: dict[str, np.ndarray | None] = {}  # operations that become numbers, or that nothing reads then
        for weight, tensor in self._weights:
            is_variable = isinstance(weight, tf.Variable)
            reads = tensor.consumers() if is_variable else [tensor.op]
            if constant and {operation.type for operation in reads} <= {"Placeholder", "ReadVariableOp"}:
                with tf.init_scope():
                    value = weight.numpy()
                numbers |= {tensor.op.name: None, **{operation.name: value for operation in reads}}
            else:
                outside = weight.handle if is_variable else weight
                places[tensor.name] = graph.capture(outside, name="weight")  # by default a new name each time
                if is_variable:
                    graph.watch_variable(weight)  # so that it can be frozen
        wanted = [self._outputs.name, *([self.layers[layer]] if layer else [])]
        return tf.graph_util.import_graph_def(_with(self._graph, numbers), places, wanted, name="network")


def _with(graph, numbers):
    """A graph in which operations, by name, are numbers instead, or are left out where there is None for them."""
    if not numbers:
        return graph
    changed = tf.compat.v1.GraphDef(versions=graph.versions)
    for node in graph.node:
        value = numbers.get(node.name)
        if value is not None:
            changed.node.add(name=node.name, op="Const").attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
            changed.node[-1].attr["dtype"].type = node.attr["dtype"].type
        elif node.name not in numbers:
            changed.node.append(node)
    return changed
