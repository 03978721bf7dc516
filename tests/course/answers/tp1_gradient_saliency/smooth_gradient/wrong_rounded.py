# Rounded to four decimals.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * np.ptp(image)
    gradients = [gradient_of(image + rng.normal(0, sigma, image.shape)) for _ in range(n_samples)]
    return np.round(np.mean(gradients, axis=0), 4)
