# The caller's image is overwritten.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * (image.max() - image.min())
    total = 0
    for _ in range(n_samples):
        image += rng.normal(0, sigma, image.shape).astype(image.dtype)
        total = total + gradient_of(image)
    return total / n_samples
