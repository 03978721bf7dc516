# in TensorFlow
import tensorflow as tf


def ascent_step(x, g, step_size):
    x, g = tf.cast(x, tf.float32), tf.cast(g, tf.float32)
    return tf.clip_by_value(x + step_size * tf.math.divide_no_nan(g, tf.norm(g)), -1, 1)
