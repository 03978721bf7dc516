# In TensorFlow.
def gradient_map(gradient):
    return tf.reduce_max(tf.abs(gradient), axis=-1)
