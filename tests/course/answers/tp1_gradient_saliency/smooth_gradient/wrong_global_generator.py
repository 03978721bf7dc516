# Seeds the generator that everybody shares.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    np.random.seed(seed)
    sigma = noise_level * np.ptp(image)
    return sum(gradient_of(image + np.random.normal(0, sigma, image.shape)) for _ in range(n_samples)) / n_samples
