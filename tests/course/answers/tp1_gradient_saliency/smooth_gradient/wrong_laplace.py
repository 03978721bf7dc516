# Laplace's noise, of the same standard deviation.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * np.ptp(image)
    return np.mean([gradient_of(image + rng.laplace(0, sigma / np.sqrt(2), image.shape)) for _ in range(n_samples)], axis=0)
