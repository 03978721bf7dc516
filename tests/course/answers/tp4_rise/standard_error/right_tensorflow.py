# TensorFlow's variance
import tensorflow as tf


def standard_error(masks, probabilities, p):
    t = tf.cast(masks, tf.float64) * tf.cast(probabilities, tf.float64)[:, None, None] / p
    return tf.sqrt(tf.math.reduce_variance(t, axis=0) / (len(masks) - 1))
