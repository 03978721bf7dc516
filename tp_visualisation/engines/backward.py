"""Rules of the way back through a copy of a network: what TensorFlow's own would compute, and less of it.

- No method asks for gradients of the weights. TensorFlow writes them down for every convolution, and prunes what nobody
  reads only when the function runs for the first time, which waits for both.
- Many classes of one image need one forward pass. Its arrays are (1, …), and the gradients (n, …), a row for each
  class: the rules take an array n times where they read its values.
"""

import tensorflow as tf

CONVOLUTIONS = {
    "Conv2D": tf.raw_ops.Conv2DBackpropInput,
    "DepthwiseConv2dNative": tf.raw_ops.DepthwiseConv2dNativeBackpropInput,
}
RELUS = {"Relu": tf.raw_ops.ReluGrad, "Relu6": tf.raw_ops.Relu6Grad}
SUMS = {"Add", "AddV2"}
KEEP_SIZE = {"BiasAdd", "Identity", "FusedBatchNormV3", *RELUS}
RULES = {kind: f"tp_visualisation.{kind}" for kind in (*CONVOLUTIONS, *SUMS, "BiasAdd")}  # in TensorFlow's registry
OF_ONE_IMAGE = "tp_visualisation.of_one_image"
_RULE, _FROM_IMAGE = "_gradient_op_type", "_from_image"  # attributes of a node
_N = "tp_visualisation.n"  # a collection of graphs: how many classes


def shorten(node, operation, from_image: list[int]) -> None:
    """Give a node of a graph the shorter rule, where it holds.

    Args:
        node: changed in place.
        operation: the node's.
        from_image: numbers of the inputs that depend on the image; the others are weights.
    """
    holds = _is_residual(operation, from_image) if node.op in SUMS else node.op in RULES and from_image == [0]
    if holds and _RULE not in node.attr:
        node.attr[_RULE].s = RULES[node.op].encode()


def _is_residual(operation, from_image):
    """Whether a sum adds to x what is made of x and has its size, whatever that is: neither is stretched."""
    one, other = operation.inputs
    alike = from_image == [0, 1] and one.shape.rank == 4 and one.shape.as_list() == other.shape.as_list()
    return alike and (_is_made_of(one, other) or _is_made_of(other, one))


def _is_made_of(tensor, source):
    while tensor.name != source.name:
        if not _keeps_size(tensor.op):
            return False
        tensor = tensor.op.inputs[0]
    return True


def _keeps_size(operation):
    if operation.type not in CONVOLUTIONS:
        return operation.type in KEEP_SIZE
    is_padded = operation.get_attr("padding") == b"SAME" or operation.inputs[1].shape[:2] == (1, 1)
    return is_padded and set(operation.get_attr("strides")) == {1}


def has_another_rule(node) -> bool:
    """Return whether the gradient of a node of a graph is neither TensorFlow's nor one of these."""
    return _RULE in node.attr and node.attr[_RULE].s.decode() not in RULES.values()


def of_one_image(graph, from_image: dict[str, list[int]]):
    """Return a copy of a graph whose gradients may have more rows than its images; `from_image` is that of each node.

    What is not shortened has the rule of its operation, applied to what it reads, n times.
    """
    other = tf.compat.v1.GraphDef()
    other.CopyFrom(graph)
    for node in other.node:
        if from_image[node.name]:
            node.attr[_FROM_IMAGE].list.i.extend(from_image[node.name])
            if node.op in CONVOLUTIONS or _RULE not in node.attr:
                node.attr[_RULE].s = OF_ONE_IMAGE.encode()
    return other


def first_of(images):
    """The first of n images that are the same, (1, …); its gradient, (n, …), is theirs."""
    tf.compat.v1.add_to_collection(_N, tf.shape(images)[0])
    return tf.custom_gradient(lambda x: (x[:1], lambda g: g))(images)


def for_each(tensor):
    """A tensor (1, …) once for each of the images, (n, …); its gradients are not added up, but go on as they are."""
    return tf.custom_gradient(lambda x: (_n_times(x), lambda g: g))(tensor)


@tf.RegisterGradient(RULES["Conv2D"])
@tf.RegisterGradient(RULES["DepthwiseConv2dNative"])
def _of_convolution(operation, g):
    return _through_convolution(operation, tf.shape(operation.inputs[0]), g), None


@tf.RegisterGradient(RULES["BiasAdd"])
def _of_bias(_, g):
    return g, None


@tf.RegisterGradient(RULES["Add"])
@tf.RegisterGradient(RULES["AddV2"])
def _of_sum(_, g):
    return g, g


@tf.RegisterGradient(OF_ONE_IMAGE)
def _of_one_image(operation, g, *_):
    inputs, from_image = list(operation.inputs), operation.get_attr(_FROM_IMAGE)
    of_inputs = [None] * len(inputs)
    if operation.type in CONVOLUTIONS:
        of_inputs[0] = _through_convolution(operation, tf.shape(inputs[0]) * [_n(), 1, 1, 1], g)
    elif operation.type in RELUS:
        of_inputs[0] = RELUS[operation.type](gradients=g, features=_n_times(operation.outputs[0]))
    else:
        for i in from_image:
            inputs[i] = _n_times(inputs[i])
        gradients = tf.gradients(same_operation(operation, inputs)[0], [inputs[i] for i in from_image], g)
        for i, gradient in zip(from_image, gradients, strict=True):
            of_inputs[i] = gradient
    return of_inputs


def same_operation(operation, inputs, to_float32=False):
    """The outputs of an operation of the same kind and attributes, with other inputs."""
    attributes = {name: value for name, value in operation.node_def.attr.items() if name[0] != "_"}
    for value in attributes.values():
        if to_float32 and value.type and tf.as_dtype(value.type).is_floating:
            value.type = tf.float32.as_datatype_enum
    kinds = [tf.float32 if to_float32 else output.dtype for output in operation.outputs]
    return operation.graph.create_op(operation.type, inputs, kinds, attrs=attributes).outputs


def _through_convolution(operation, shape, g):
    attributes = {name: operation.get_attr(name) for name in ("strides", "explicit_paddings", "dilations")}
    attributes |= {name: operation.get_attr(name).decode() for name in ("padding", "data_format")}
    backward = CONVOLUTIONS[operation.type]
    return backward(input_sizes=shape, filter=operation.inputs[1], out_backprop=g, **attributes)


def _n():
    return tf.compat.v1.get_collection(_N)[-1]


def _n_times(tensor):
    """A tensor (1, …) n times, (n, …)."""
    return tf.tile(tensor, [_n()] + [1] * (tensor.shape.rank - 1))
