# All the noise drawn at once.
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    spread = float(np.max(image)) - float(np.min(image))
    noise = np.random.default_rng(seed).normal(0, noise_level * spread, (n_samples, *image.shape))
    return np.mean(np.stack([np.asarray(gradient_of(image + one)) for one in noise]), axis=0)
