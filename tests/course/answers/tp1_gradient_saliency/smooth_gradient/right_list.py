# A list and its mean.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * np.ptp(image)
    gradients = [gradient_of(image + sigma * rng.standard_normal(image.shape)) for _ in range(n_samples)]
    return np.mean(gradients, axis=0)
