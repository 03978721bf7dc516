"""Batch normalisation folded into the convolution before it, as far as a traced function is concerned.

At inference a batch normalisation is a scale and an offset for each channel, and a convolution is linear:

    scale · (W * x) + offset = (scale · W) * x + offset

so the scale goes into the kernel once, and the network saves a pass over its largest arrays for each of them.
TensorFlow does it by itself for some convolutions, not for depthwise ones, of which small networks are made.
"""

import keras
import tensorflow as tf


def fold(layer, x):
    """Return what the batch normalisation `layer` makes of `x`, or None where `x` is not a plain convolution."""
    convolution = x.op
    last_axis = layer.axis in (-1, x.shape.rank - 1)
    if convolution.type not in KERNELS or layer.compute_dtype != "float32" or not last_axis:
        return None
    if convolution.get_attr("data_format") != b"NHWC":
        return None

    scale = tf.math.rsqrt(layer.moving_variance.value + layer.epsilon)
    if layer.scale:
        scale *= layer.gamma.value
    offset = -layer.moving_mean.value * scale
    if layer.center:
        offset += layer.beta.value

    inputs, kernel = convolution.inputs
    scaled = KERNELS[convolution.type](kernel, scale)
    attributes = {name: convolution.get_attr(name) for name in ATTRIBUTES}
    attributes["padding"] = attributes["padding"].decode()
    convolved = getattr(tf.raw_ops, convolution.type)(input=inputs, filter=scaled, **attributes)
    return tf.nn.bias_add(convolved, offset)


def is_foldable(layer):
    """Whether `fold` may be asked about a layer."""
    return type(layer) is keras.layers.BatchNormalization


ATTRIBUTES = ("strides", "padding", "explicit_paddings", "dilations")

# A kernel with its output channels scaled: (h, w, in, out) or, depthwise, (h, w, in, multiplier).
KERNELS = {
    "Conv2D": lambda kernel, scale: kernel * scale,
    "DepthwiseConv2dNative": lambda kernel, scale: kernel * tf.reshape(scale, tf.shape(kernel)[2:]),
}
