# TensorFlow's own generator.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = tf.random.Generator.from_seed(seed)
    sigma = noise_level * (tf.reduce_max(image) - tf.reduce_min(image))
    gradients = []
    for _ in range(n_samples):
        gradients.append(gradient_of((image + rng.normal(image.shape, 0.0, sigma)).numpy()))
    return tf.reduce_mean(tf.stack([tf.cast(g, tf.float32) for g in gradients]), axis=0)
