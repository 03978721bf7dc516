# A range for each channel.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * np.ptp(image, axis=(0, 1))
    return np.mean([gradient_of(image + rng.normal(0, 1, image.shape) * sigma) for _ in range(n_samples)], axis=0)
