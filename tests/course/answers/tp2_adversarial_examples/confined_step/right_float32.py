# float32, and TensorFlow's norm.
def confined_step(image, gradient, saliency_map, step_size):
    m = np.float32(saliency_map)
    m = (m - m.min()) / (m.max() - m.min()) if m.max() > m.min() else m * 0 + 1
    g = np.float32(gradient) * np.repeat(m[:, :, np.newaxis], 3, axis=2)
    return tf.cast(image, tf.float32) + step_size * g / tf.norm(g)
