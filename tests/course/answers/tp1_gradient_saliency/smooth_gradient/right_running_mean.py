# running mean
def smooth_gradient(gradient_of, image, noise_level=0.15, n_samples=20, seed=0):
    generator = np.random.Generator(np.random.PCG64(seed))
    mean = np.zeros(image.shape, np.float64)
    for n in range(1, n_samples + 1):
        noisy = generator.normal(image, noise_level * (image.max() - image.min()))
        mean += (np.asarray(gradient_of(noisy.astype("float32"))) - mean) / n
    return mean
