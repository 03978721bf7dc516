"""The backward rule of guided backpropagation: at every ReLU, only what is positive goes on."""

from contextlib import contextmanager

import keras
import tensorflow as tf

from tp_visualisation.engines.watching import watching

GUIDED, GUIDED_6 = "tp_visualisation.guided_relu", "tp_visualisation.guided_relu6"  # names in TensorFlow's registry
RULES = {"Relu": GUIDED, "Relu6": GUIDED_6, "LeakyRelu": GUIDED}  # operation → its backward rule


@tf.RegisterGradient(GUIDED)
def _guided_relu(operation, g):
    x = operation.inputs[0]
    return tf.raw_ops.ReluGrad(gradients=tf.nn.relu(g), features=x)  # [x > 0] [g > 0] g


@tf.RegisterGradient(GUIDED_6)
def _guided_relu6(operation, g):
    x = operation.inputs[0]
    return tf.raw_ops.Relu6Grad(gradients=tf.nn.relu(g), features=x)  # [0 < x < 6] [g > 0] g


@contextmanager
def guided_relus():
    """Inside the `with`, ReLUs that are traced follow the guided rule on the way back."""
    with tf.compat.v1.get_default_graph().gradient_override_map(RULES), watching(_by_one_relu):
        yield


def _by_one_relu(layer, call, args, kwargs):
    """A ReLU that Keras makes of several operations: its output as it is, with a single ReLU on the way back."""
    if isinstance(layer, keras.layers.PReLU):
        low, high = 0.0, None
    elif isinstance(layer, keras.layers.ReLU) and (layer.threshold or layer.max_value not in (None, 6)):
        low, high = layer.threshold, layer.max_value
    else:
        return call(*args, **kwargs)
    x = args[0] if high is None else tf.where(args[0] < high, args[0], tf.stop_gradient(args[0]))
    relu = tf.nn.relu(x - low)
    return tf.stop_gradient(call(*args, **kwargs)) + (relu - tf.stop_gradient(relu))


def has_relus() -> bool:
    """Return whether the function that is being traced has a ReLU."""
    return any(operation.type in RULES for operation in tf.compat.v1.get_default_graph().get_operations())
