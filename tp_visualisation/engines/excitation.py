"""The backward rule of excitation backprop: mass that walks back through the operations of a traced network.

A weighted sum y_i = Σ_j w_ij x_j of values x >= 0 hands the mass p_i of its outputs down to what excited them,

    p'_j = x_j Σ_i w⁺_ij p_i / Σ_k w⁺_ik x_k,    w⁺ = max(w, 0)

which is x ⊙ f*(p ⊘ f(x)), where f is the same operation with the weights w⁺ and f* its gradient. Convolutions, dense
layers, means and poolings are such sums, and so is the addition of two branches. A bias takes nothing. What only moves
values, max pooling among it, moves mass the same way; ReLUs, and batch normalisations, which are scales and biases,
leave it where it is.
"""

from typing import NamedTuple

import tensorflow as tf

from tp_visualisation.engines.backward import same_operation
from tp_visualisation.steps import gradient_of_class

KERNELS = {"Conv2D", "DepthwiseConv2dNative", "MatMul"}  # sums with weights of their own
MEANS = {"AvgPool", "Mean"}
BRANCHES = {"Add", "AddV2", "AddN"}
SCALES = {"BiasAdd", "Mul", "Sub", "RealDiv"}  # of one value by something that the image has no part in
EITHER_SIDE = {"BiasAdd", "Mul"}
UNCHANGED = {"Identity", "Cast", "StopGradient"}
MOVED = {"Reshape", "Squeeze", "ExpandDims", "Transpose", "Pad", "ConcatV2", "StridedSlice", "Slice"}
LARGEST = {"MaxPool", "Max"}
DILATED = {"SpaceToBatchND", "BatchToSpaceND"}
POSITIVE = {"Relu", "Relu6", "Sigmoid", "Softmax", "Softplus"}
SHAPES = {"Shape", "ShapeN", "Size"}  # what they give does not depend on the values that they are given

PREPARES = MEANS | BRANCHES | SCALES | UNCHANGED | MOVED  # all of them linear, but for a bias
HAVE_A_RULE = KERNELS | PREPARES | LARGEST | DILATED | {"Relu", "Relu6"}


class NoRule(ValueError):
    """The rule does not hold between a layer and the scores; the message says where."""


class Excitation(NamedTuple):
    """Mass at a layer.

    Attributes:
        mass: symbolic, float32, in the shape of the layer; signed where it is contrastive.
        lowest: symbolic number: how far below 0, as a share of the largest, the excitation of the image falls; 0 where
            the walk does not go down to the image.
    """

    mass: tf.Tensor
    lowest: tf.Tensor


def excitation(scores, targets, layer, inputs, contrastive) -> Excitation:
    """Return the mass that the rule hands down from the scores of a class to a layer.

    It starts at z, what the last weighted sum before the scores reads: p ∝ z ⊙ max(∂S_c/∂z, 0), of sum 1, so that
    signs, scales and functions of the scores are taken into account. The rule is linear in p: what excites the class
    with its weights negated, p ∝ z ⊙ max(−∂S_c/∂z, 0), is taken away at the start, and one walk does for both.

    Args:
        scores: symbolic (N, K).
        targets: class of each image (N,).
        layer: symbolic tensor that the mass is wanted for.
        inputs: symbolic inputs (N, h, w, C), from which scores and layer were made. Where they are `layer` itself,
            the last of them is that of a black image: an input's excitation is its distance from it, the rest a bias.
        contrastive: take away the mass of the negated weights.

    Raises:
        NoRule: an operation on the way has no rule, or reads values that may be below 0.
    """
    walk = _Walk(layer, inputs)
    last = walk.last_weighted_sum(scores)
    z = walk.data_of(last)[0]
    operations = walk.operations_between(z)
    for operation in (last, *operations):
        walk.check(operation)
    g = tf.cast(gradient_of_class(scores, targets, z), tf.float32)
    start = _contributions(walk.excitation_of(z), g, contrastive)
    return Excitation(walk.down({z.name: start}, operations), walk.lowest)


def linear_excitation(A, g, contrastive) -> Excitation:
    """Return p ∝ A⁺ ⊙ max(g, 0), of sum 1: what comes after a feature map A is taken as one linear function.

    After ReLUs, with global average pooling and one dense layer to follow, that is what the rule gives.

    Args:
        A: symbolic (N, rows, columns, C).
        g: ∂S_c/∂A, an array like A.
        contrastive: take away the same of −g.
    """
    A, g = (tf.cast(tensor, tf.float32) for tensor in (A, g))
    return Excitation(_contributions(tf.nn.relu(A), g, contrastive), tf.constant(0.0))


class _Walk:
    """The way back to a layer, and what of the graph depends on the image; arguments as for `excitation`."""

    def __init__(self, layer, inputs):
        self._layer, self._inputs = layer, inputs
        self._from_image, self._from_layer = _made_of(inputs), _made_of(layer)
        self.lowest = tf.constant(0.0)

    def data_of(self, operation):
        """The inputs of an operation that the image has a part in; the others are weights, biases and shapes."""
        return [tensor for tensor in operation.inputs if tensor.op in self._from_image]

    def last_weighted_sum(self, scores):
        """The last convolution or dense layer; a `NoRule` where there is none that all of the layer goes through."""
        for operation in reversed(_before(scores.op)):
            if operation.type in KERNELS and operation.inputs[0].op in self._from_layer:
                read = operation.inputs[0].op
                if read is not self._layer.op and self._layer.op in _before(scores.op, but=read):
                    raise NoRule(f'not all of it goes through the last weighted sum, "{operation.name}"')
                return operation
        raise NoRule("no weighted sum comes after it")

    def operations_between(self, tensor):
        """The operations from a tensor back to the layer, the last one first."""
        return [one for one in reversed(_before(tensor.op)) if one in self._from_layer and one is not self._layer.op]

    def check(self, operation):
        """Raise a `NoRule` unless the rule holds for an operation."""
        kind, data = operation.type, self.data_of(operation)
        alone = len(data) == 1 and (kind in EITHER_SIDE or data[0].name == operation.inputs[0].name)
        if kind not in HAVE_A_RULE or (kind in KERNELS | SCALES and not alone):
            raise NoRule(f'"{operation.name}" ({kind}) is no weighted sum of what it reads')
        if kind in KERNELS | MEANS and not (self._is_positive(data[0]) or self._is_image(data[0])):
            raise NoRule(f'what "{operation.name}" ({kind}) reads may be below 0')

    def _is_positive(self, tensor):
        """Whether the values of a tensor are >= 0 by the way they are made."""
        operation = tensor.op
        passes_on = operation.type in MEANS | BRANCHES | UNCHANGED | MOVED | LARGEST | DILATED
        parts = self.data_of(operation)
        if operation.type in BRANCHES and len(parts) < len(operation.inputs):
            return False  # a bias
        return operation.type in POSITIVE or (passes_on and all(map(self._is_positive, parts)))

    def _is_image(self, tensor):
        """Whether a tensor is the image, scaled, cut or padded, and the walk goes down to it."""
        if tensor.name == self._inputs.name:
            return self._layer.name == self._inputs.name
        return tensor.op.type in PREPARES and all(map(self._is_image, self.data_of(tensor.op)))

    def excitation_of(self, tensor):
        """What excites a weighted sum: the values it reads, or how far the image lies above a black one."""
        x = tf.cast(tensor, tf.float32)
        if self._is_image(tensor):
            x = x - x[-1:]
            self.lowest = tf.minimum(self.lowest, tf.math.divide_no_nan(tf.reduce_min(x), tf.reduce_max(tf.abs(x))))
        return tf.nn.relu(x)

    def down(self, mass, operations):
        """The mass of the layer, from that of tensors by name, along operations from the last to the first."""
        for operation in operations:
            p = mass.pop(operation.outputs[0].name, None)
            if p is not None:
                data = self.data_of(operation)
                for tensor, share in zip(data, self._shares(operation, data, p), strict=True):
                    mass[tensor.name] = mass[tensor.name] + share if tensor.name in mass else share
        return mass[self._layer.name]

    def _shares(self, operation, data, p):
        """What each of the data that an operation reads gets of the mass p of its output."""
        kind = operation.type
        if kind in KERNELS | MEANS or (kind in BRANCHES and len(data) > 1):
            x = [self.excitation_of(tensor) for tensor in data]
            y = self._again(operation, x, positive_weights=kind in KERNELS)
            return [x_j * g for x_j, g in zip(x, tf.gradients(y, x, tf.math.divide_no_nan(p, y)), strict=True)]
        if kind in MOVED | LARGEST | DILATED:
            x = [tf.identity(tf.cast(tensor, tf.float32)) for tensor in data]  # one may be made of another
            return tf.gradients(self._again(operation, x), x, p)
        return [p]

    def _again(self, operation, x, positive_weights=False):
        """The same operation on x, float32, in the place of its data; of its weights the positive part if asked for."""
        data, inputs = iter(x), []
        for tensor in operation.inputs:
            if tensor.op in self._from_image:
                tensor = next(data)
            elif positive_weights:
                tensor = tf.nn.relu(tf.cast(tensor, tf.float32))
            inputs.append(tensor)
        return same_operation(operation, inputs, to_float32=True)[0]


def _contributions(x, g, contrastive):
    """Mass ∝ x ⊙ max(g, 0); contrastive: less that ∝ x ⊙ max(−g, 0)."""
    p = _of_sum_one(x * tf.nn.relu(g))
    return p - _of_sum_one(x * tf.nn.relu(-g)) if contrastive else p


def _of_sum_one(p):
    """Mass scaled so that each image has 1; 0 where there is none."""
    return tf.math.divide_no_nan(p, tf.reduce_sum(p, axis=range(1, p.shape.rank), keepdims=True))


def _made_of(tensor):
    """The operations whose values depend on those of a tensor, and its own."""
    found = {tensor.op}
    for operation in tensor.graph.get_operations():  # in the order in which they were made
        if operation.type not in SHAPES and any(read.op in found for read in operation.inputs):
            found.add(operation)
    return found


def _before(operation, but=None):
    """The operations that one depends on, itself included, in the order in which they were made; none before `but`."""
    seen, waiting = set(), [operation]
    while waiting:
        one = waiting.pop()
        if one not in seen and one is not but:
            seen.add(one)
            waiting += [tensor.op for tensor in one.inputs]
    return [one for one in operation.graph.get_operations() if one in seen]
