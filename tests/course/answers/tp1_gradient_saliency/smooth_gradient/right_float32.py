# In single precision, with the older generator.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.RandomState(seed)
    sigma = noise_level * (np.max(image) - np.min(image))
    total = np.zeros(image.shape, np.float32)
    for _ in range(n_samples):
        total += np.asarray(gradient_of((image + rng.normal(0, sigma, image.shape)).astype(np.float32)))
    return total / n_samples
