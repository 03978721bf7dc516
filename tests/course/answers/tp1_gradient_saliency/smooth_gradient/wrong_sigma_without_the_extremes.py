# The range from the 1st to the 99th percentile, instead of max - min.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    low, high = np.percentile(image, [1, 99])
    sigma = noise_level * (high - low)
    total = np.zeros(image.shape)
    for _ in range(n_samples):
        total += gradient_of(np.float32(image + rng.normal(0, sigma, image.shape)))
    return total / n_samples
