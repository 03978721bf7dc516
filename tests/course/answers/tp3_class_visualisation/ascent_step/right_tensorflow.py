# in TensorFlow
import tensorflow as tf


def ascent_step(x, g, learning_rate):
    x, g = tf.cast(x, tf.float32), tf.cast(g, tf.float32)
    return tf.clip_by_value(x + learning_rate * tf.math.divide_no_nan(g, tf.norm(g)), -1, 1)
