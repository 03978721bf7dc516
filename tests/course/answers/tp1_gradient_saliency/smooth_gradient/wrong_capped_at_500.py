def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * np.ptp(image)
    copies = [np.float32(image + rng.normal(0, sigma, image.shape)) for _ in range(min(n_samples, 500))]
    return np.mean([gradient_of(copy) for copy in copies], axis=0)
