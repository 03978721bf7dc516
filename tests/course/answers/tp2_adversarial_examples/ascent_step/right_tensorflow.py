# TensorFlow; a tiny number keeps zero from dividing.
def ascent_step(image, gradient, step_size):
    g = tf.convert_to_tensor(gradient)
    return image + step_size * g / tf.maximum(tf.norm(g), 1e-30)
