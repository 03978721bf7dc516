# Noisy copies rounded to grey levels.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * (image.max() - image.min())
    copies = [np.rint(image + rng.normal(0, sigma, image.shape)) for _ in range(n_samples)]
    return np.mean([gradient_of(copy) for copy in copies], axis=0)
