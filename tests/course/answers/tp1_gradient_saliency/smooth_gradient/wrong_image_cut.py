# The image cut to [0, 255] first, the noise not
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * (image.max() - image.min())
    image = np.clip(image, 0, 255)
    noisy = [np.float32(image + rng.normal(0, sigma, image.shape)) for _ in range(n_samples)]
    return sum(np.asarray(gradient_of(x)) for x in noisy) / n_samples
