# Seeds Python's generator, which everybody shares.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    import random
    random.seed(seed)
    sigma = noise_level * np.ptp(image)
    noise = lambda: np.array([random.gauss(0, sigma) for _ in range(image.size)]).reshape(image.shape)
    return np.mean([gradient_of(image + noise()) for _ in range(n_samples)], axis=0)
