# The noise level taken for a standard deviation in grey levels.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level
    total = np.zeros(image.shape)
    for _ in range(n_samples):
        noise = rng.normal(0, sigma, image.shape)
        total = total + gradient_of(image + noise)
    return total / n_samples
