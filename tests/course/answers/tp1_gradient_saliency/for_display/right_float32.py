# Single precision
def for_display(saliency_map, percentile=99):
    m = tf.cast(saliency_map, tf.float32)
    q = np.float32(np.percentile(saliency_map, percentile))
    return tf.clip_by_value(tf.math.divide_no_nan(m, q), 0, 1)
