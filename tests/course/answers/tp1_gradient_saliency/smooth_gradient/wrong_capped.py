# At most a hundred copies, without a word.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    n_samples = min(n_samples, 100)
    rng = np.random.default_rng(seed)
    sigma = noise_level * np.ptp(image)
    return sum(gradient_of(image + rng.normal(0, sigma, image.shape)) for _ in range(n_samples)) / n_samples
