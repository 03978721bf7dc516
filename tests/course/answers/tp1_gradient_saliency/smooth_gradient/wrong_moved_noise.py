# One noise, moved by a pixel each time.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * np.ptp(image)
    noise = rng.normal(0, sigma, image.shape)
    return np.mean([gradient_of(image + np.roll(noise, k, axis=1)) for k in range(n_samples)], axis=0)
