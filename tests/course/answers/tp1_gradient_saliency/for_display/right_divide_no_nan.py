# TensorFlow's division that gives 0 for x / 0.
def for_display(saliency_map, percentile=99):
    values = tf.cast(saliency_map, tf.float64)
    q = tf.constant(np.percentile(saliency_map, percentile), tf.float64)
    return tf.minimum(tf.math.divide_no_nan(values, q), 1)
