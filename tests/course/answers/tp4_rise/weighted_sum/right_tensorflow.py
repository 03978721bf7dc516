# in TensorFlow
import tensorflow as tf


def weighted_sum(masks, probabilities, p):
    masks, weights = tf.cast(masks, tf.float32), tf.cast(probabilities, tf.float32)[:, None, None]
    return tf.reduce_mean(masks * weights, axis=0) / p
