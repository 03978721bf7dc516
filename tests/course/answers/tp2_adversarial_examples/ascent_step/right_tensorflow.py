# TensorFlow; a tiny number keeps zero from dividing.
def ascent_step(image, gradient, learning_rate):
    g = tf.convert_to_tensor(gradient)
    return image + learning_rate * g / tf.maximum(tf.norm(g), 1e-30)
