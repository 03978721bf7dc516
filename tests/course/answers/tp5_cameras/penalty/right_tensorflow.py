# TensorFlow
def penalty(perturbation, saliency_map):
    import tensorflow as tf

    m = tf.cast(saliency_map, tf.float64)
    m = m - tf.reduce_min(m)
    outside = (1 - tf.math.divide_no_nan(m, tf.reduce_max(m)))[..., None]
    return tf.sqrt(tf.reduce_mean((tf.cast(perturbation, tf.float64) / 255 * outside) ** 2))
