def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed)
    sigma = noise_level * np.ptp(image)
    total = np.zeros(image.shape)
    for _ in range(n_samples):
        noise = [rng.normal(0, sigma, image.shape[:2]) for _ in range(3)]
        total += gradient_of(np.float32(image + np.stack(noise, axis=-1)))
    return total / n_samples
