# tf.roll
import tensorflow as tf


def jittered_gradient(gradient_of, x, shift):
    dy, dx = int(shift[0]), int(shift[1])
    g = gradient_of(tf.roll(x, [dy, dx], axis=[0, 1]).numpy())
    return tf.roll(g, [-dy, -dx], axis=[0, 1])
