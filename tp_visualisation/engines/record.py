"""A network traced once: other functions get a copy of that graph, in a third of the time that Keras takes to call it.

Every step has a graph of its own with the whole network in it. Where Keras calls the model anew for each of them, it is
this that a first call waits for.
"""

import tensorflow as tf

from tp_visualisation.engines.tracing import operations_before

BOUND = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}  # operations that call Python, and live as long as their graph


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
            self._function = tf.function(function, autograph=False).get_concrete_function(spec)
        self._graph = self._function.graph.as_graph_def()
        (self._outputs,) = self._function.outputs
        on_the_way = operations_before(self._outputs)
        self.layers = {name: output.name for name, output in calls if getattr(output, "op", None) in on_the_way}

    def can_be_copied(self) -> bool:
        """Return whether a copy computes the same, gradients too.

        A gradient that is written in Python belongs to one graph, and so does that of a function inside the graph.
        """
        own = (node.op in BOUND or "_gradient_op_type" in node.attr for node in self._graph.node)
        return not self._graph.library.function and not any(own)

    def copy(self, inputs, layer: str | None = None) -> list:
        """Copy the graph into the function that is being traced: its outputs and, if asked for, those of a layer."""
        graph, original = tf.compat.v1.get_default_graph(), self._function.graph
        places = {self._function.inputs[0].name: inputs}
        for outside, inside in original.captures:
            places[inside.name] = graph.capture(outside, name="weight")  # by default a new name each time
        for variable in original.variables:  # so that they can be frozen
            graph.watch_variable(variable)
        wanted = [self._outputs.name, *([self.layers[layer]] if layer else [])]
        return tf.graph_util.import_graph_def(self._graph, places, wanted, name="network")
