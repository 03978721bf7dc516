# TensorFlow
def calibrate(window_map, corner, scaled_size, image_size):
    import tensorflow as tf

    (top, left), (h, w) = corner, window_map.shape
    padded = tf.pad(
        tf.constant(window_map, tf.float32), [[top, scaled_size[0] - top - h], [left, scaled_size[1] - left - w]]
    )
    return tf.image.resize(padded[..., None], image_size)[..., 0]
