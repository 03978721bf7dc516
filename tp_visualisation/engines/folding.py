"""Batch normalisation folded into the convolution before it, as far as a traced function is concerned.

At inference a batch normalisation is a scale and an offset for each channel, and a convolution is linear:

    scale · (W * x) + offset = (scale · W) * x + offset

so the scale goes into the kernel once, and the network saves a pass over its largest arrays for each of them.
TensorFlow does it by itself for some convolutions, not for depthwise ones, of which small networks are made.
"""

from contextlib import contextmanager, nullcontext

import keras
import tensorflow as tf

from tp_visualisation.engines.tracing import layers_by_name
from tp_visualisation.engines.watching import watching


@contextmanager
def folding(model, unless=lambda x: False, live=False):
    """Inside the `with`, batch normalisations are folded into the convolution before them, `unless` of their input.

    The folded weights are numbers, of now; with `live` they are made of the model's at every call. It gives the set of
    the convolutions in whose place others came.
    """
    replaced: set = set()
    layers = {id(layer) for layer in layers_by_name(model).values() if _is_foldable(layer)}
    variables = {} if live else {id(weight.value.handle): weight.value for weight in model.weights}

    def fold_or_call(layer, call, args, kwargs):
        output = None
        if id(layer) in layers and args and not unless(args[0]):
            output = _fold(layer, args[0], variables)
        if output is None:
            return call(*args, **kwargs)
        replaced.add(args[0].op)
        return output

    with watching(fold_or_call):
        yield replaced


def _fold(layer, x, variables):
    """Return what the batch normalisation `layer` makes of `x`, or None where `x` is not a plain convolution.

    Args:
        layer: `BatchNormalization`.
        x: symbolic tensor (N, h, w, C).
        variables: those whose values become numbers: id of the handle → `tf.Variable`.
    """
    convolution = x.op
    last_axis = layer.axis in (-1, x.shape.rank - 1)
    if convolution.type not in _KERNELS or layer.compute_dtype not in ("float32", "float16") or not last_axis:
        return None
    if convolution.get_attr("data_format") != b"NHWC":
        return None

    inputs, kernel = convolution.inputs
    places = {id(inside): outside for outside, inside in x.graph.captures}
    if kernel.op.type == "Cast":  # to half precision
        (kernel,) = kernel.op.inputs
    read = kernel.op.type == "ReadVariableOp" and places.get(id(kernel.op.inputs[0]))
    variable = variables.get(id(read))
    with nullcontext() if variable is None else tf.init_scope():  # outside the graph: computed at once
        scale = tf.math.rsqrt(layer.moving_variance.value + layer.epsilon)
        if layer.scale:
            scale *= layer.gamma.value
        offset = -layer.moving_mean.value * scale
        if layer.center:
            offset += layer.beta.value
        scaled = _KERNELS[convolution.type](kernel if variable is None else variable.value(), scale)

    attributes = {name: convolution.get_attr(name) for name in _ATTRIBUTES}
    attributes["padding"] = attributes["padding"].decode()
    scaled, offset = (tf.cast(weights, x.dtype) for weights in (scaled, offset))
    convolved = getattr(tf.raw_ops, convolution.type)(input=inputs, filter=scaled, **attributes)
    return tf.nn.bias_add(convolved, offset)


def _is_foldable(layer):
    """Whether `_fold` may be asked about a layer."""
    return type(layer) is keras.layers.BatchNormalization


_ATTRIBUTES = ("strides", "padding", "explicit_paddings", "dilations")

# A kernel with its output channels scaled: (h, w, in, out) or, depthwise, (h, w, in, multiplier).
_KERNELS = {
    "Conv2D": lambda kernel, scale: kernel * scale,
    "DepthwiseConv2dNative": lambda kernel, scale: kernel * tf.reshape(scale, tf.shape(kernel)[2:]),
}
