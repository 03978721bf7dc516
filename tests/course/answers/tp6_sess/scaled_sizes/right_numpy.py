# NumPy, an array (n, 2)
def scaled_sizes(size, n_scales, smallest=224, growth=64):
    shorter = smallest + growth * np.arange(n_scales)
    return np.floor(np.outer(shorter, np.asarray(size) / min(size)) + 1e-6).astype(int)
