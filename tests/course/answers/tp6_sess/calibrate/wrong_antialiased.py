# With antialiasing where the photograph is smaller
def calibrate(window_map, corner, scaled_size, image_size):
    import tensorflow as tf

    top, left = corner
    scaled = np.zeros((*scaled_size, 1), np.float32)
    scaled[top : top + window_map.shape[0], left : left + window_map.shape[1], 0] = window_map
    return tf.image.resize(scaled, image_size, antialias=True)[..., 0]
