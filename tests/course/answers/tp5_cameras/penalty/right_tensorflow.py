# TensorFlow, minmax from the library
def penalty(perturbation, saliency_map):
    import tensorflow as tf

    outside = tf.constant(1 - tpv.maps.minmax(saliency_map), tf.float64)[..., None]
    return tf.sqrt(tf.reduce_mean((tf.cast(perturbation, tf.float64) / 255 * outside) ** 2))
