# TensorFlow.
def fgsm_step(image, gradient, epsilon):
    return tf.clip_by_value(tf.cast(image, tf.float32) + epsilon * tf.sign(tf.cast(gradient, tf.float32)), 0, 255)
