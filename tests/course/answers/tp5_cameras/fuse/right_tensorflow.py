# TensorFlow, one size at a time
def fuse(activations, gradients):
    import tensorflow as tf

    a, g = 0, 0
    for t in range(len(activations)):
        a, g = a + tf.constant(activations[t]) / len(activations), g + tf.constant(gradients[t]) / len(gradients)
    m = tf.nn.relu(tf.reduce_sum(a * g, axis=-1))
    m = m - tf.reduce_min(m)
    return tf.math.divide_no_nan(m, tf.reduce_max(m))
