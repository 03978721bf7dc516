# TensorFlow.
def pgd_step(image, original, gradient, step_size, epsilon):
    image, original, gradient = (tf.cast(array, tf.float32) for array in (image, original, gradient))
    moved = image + step_size * tf.sign(gradient)
    return tf.clip_by_value(tf.clip_by_value(moved, original - epsilon, original + epsilon), 0, 255)
