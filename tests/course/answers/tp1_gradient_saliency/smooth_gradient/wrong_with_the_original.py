# The image itself counts as one of the copies.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * np.ptp(image)
    total = gradient_of(image)
    for _ in range(n_samples - 1):
        total = total + gradient_of(image + rng.normal(0, sigma, image.shape))
    return total / n_samples
