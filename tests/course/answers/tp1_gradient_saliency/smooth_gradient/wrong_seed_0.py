# Seed 0 taken for no seed.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    rng = np.random.default_rng(seed if seed else None)
    sigma = noise_level * np.ptp(image)
    return np.mean([gradient_of(image + rng.normal(0, sigma, image.shape)) for _ in range(n_samples)], axis=0)
