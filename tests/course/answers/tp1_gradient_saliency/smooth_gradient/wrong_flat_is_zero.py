# A constant image gets zeros.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * np.ptp(image)
    if sigma == 0 and noise_level > 0:
        return np.zeros(image.shape)
    return sum(gradient_of(image + rng.normal(0, sigma, image.shape)) for _ in range(n_samples)) / n_samples
