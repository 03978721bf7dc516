"""A network traced once: other functions get a copy of that graph, in a third of the time that Keras takes to call it.

Every step has a graph of its own with the whole network in it. Where Keras calls the model anew for each of them, it is
this that a first call waits for.
"""

import numpy as np
import tensorflow as tf

from tp_visualisation.engines.backward import has_another_rule, of_one_image, shorten
from tp_visualisation.engines.tracing import n_weights, operations_before, weights_of

LARGEST_FROZEN = 10_000_000  # weights that become numbers of a graph; large networks gain little by it
BOUND = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}  # operations that call Python, and live as long as their graph
# Operations that do to images of any size what they do to those of the size that they were traced with.
ANY_SIZE = {
    *("Placeholder", "Identity", "StopGradient", "Cast"),
    *("Conv2D", "DepthwiseConv2dNative", "BiasAdd", "FusedBatchNormV3", "MatMul", "MaxPool", "AvgPool", "Mean", "Max"),
    *("Add", "AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "Neg", "Square", "Sqrt", "Rsqrt", "Exp", "Log"),
    *("Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Erf", "Softmax", "LogSoftmax"),
    *("Pad", "PadV2", "ConcatV2"),
}


class Records(dict):
    """Records by the shape of their inputs; a graph cannot be pickled or copied, so a copy of this has none."""

    def __reduce__(self):
        return Records, ()


class Record:
    """The graph of a function.

    Args:
        function: from symbolic inputs (N, h, w, C) to symbolic outputs, one, or several of which the first is the
            network's.
        calls: list in which it leaves (name, output) of each layer called.
        spec: `tf.TensorSpec` of the inputs.

    Attributes:
        inputs, outputs: the symbolic inputs, and the network's symbolic outputs.
        layers: those on the way to the outputs, whose output can be copied too: name → tensor name.
    """

    def __init__(self, function, calls, spec):
        with tf.init_scope():  # not inside the function that is being traced
            self._function = tf.compat.v1.wrap_function(function, [spec])
        self.inputs, self.outputs = self._function.inputs[0], self._function.outputs[0]
        on_the_way = operations_before(self.outputs)
        graph = self._function.graph
        self._from_image = _from_image(graph, self.inputs.op)
        self._graph = graph.as_graph_def()
        for node in list(self._graph.node):
            operation = graph.get_operation_by_name(node.name)
            if operation in on_the_way:
                shorten(node, operation, self._from_image[node.name])
            else:
                self._graph.node.remove(node)
        read = [(weight, tensor) for weight, tensor in weights_of(graph) if tensor.op in on_the_way]
        self._weights = [pair for pair in read if pair[1].op.type == "Placeholder"]  # small ones are in the graph
        self.layers = {name: output.name for name, output in calls if getattr(output, "op", None) in on_the_way}

    def can_be_copied(self) -> bool:
        """Return whether a copy computes the same, gradients too.

        A gradient that is written in Python belongs to one graph, and so does that of a function inside the graph.
        """
        own = (node.op in BOUND or has_another_rule(node) for node in self._graph.node)
        return not self._graph.library.function and not any(own)

    def takes_any_size(self) -> bool:
        """Return whether a copy computes the same from images of another size than those it was traced with."""
        return {operation.type for operation in self._made_of_images()} <= ANY_SIZE

    def keeps_images_apart(self) -> bool:
        """Return whether all that is made of the images has a row for each of them."""
        shapes = [operation.outputs[0].shape for operation in self._made_of_images()]
        return all(shape.rank and shape[0] is None for shape in shapes)

    def _made_of_images(self):
        graph = self._function.graph
        return [graph.get_operation_by_name(node.name) for node in self._graph.node if self._from_image[node.name]]

    def run(self, inputs) -> list:
        """Return what the function makes of inputs (N, h, w, C): its outputs as arrays."""
        return [output.numpy() for output in self._function(tf.constant(inputs))]

    def copy(self, inputs, wanted: list, constant: bool = False, one_image: bool = False) -> list:
        """Copy the graph into the function that is being traced: the tensors that are wanted of it.

        Args:
            inputs: symbolic inputs of the copy.
            wanted: names of tensors, such as those in `layers`.
            constant: the weights are the numbers that they are now, instead of being read at every call, unless there
                are more than 10 million.
            one_image: gradients of what is wanted may have more rows than the inputs: see `backward`.
        """
        graph = tf.compat.v1.get_default_graph()
        constant = constant and n_weights(self._weights) <= LARGEST_FROZEN
        places = {self.inputs.name: inputs}
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
        copied = of_one_image(self._graph, self._from_image) if one_image else _with(self._graph, numbers)
        return tf.graph_util.import_graph_def(copied, places, wanted, name="network")


def _from_image(graph, inputs):
    """Which inputs of each operation of a graph depend on those of the graph: name → their numbers."""
    found = {inputs}
    numbers = {}
    for operation in graph.get_operations():  # each behind those that it reads
        numbers[operation.name] = [i for i, tensor in enumerate(operation.inputs) if tensor.op in found]
        if numbers[operation.name]:
            found.add(operation)
    return numbers


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
