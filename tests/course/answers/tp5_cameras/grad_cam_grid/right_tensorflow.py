# TensorFlow throughout
def grad_cam_grid(activations, gradients):
    import tensorflow as tf

    weights = tf.reduce_mean(tf.constant(gradients), axis=[0, 1])
    return tf.nn.relu(tf.reduce_sum(weights * tf.constant(activations), axis=-1))
