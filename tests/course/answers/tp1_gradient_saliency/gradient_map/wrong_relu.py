# Negative values dropped.
def gradient_map(gradient):
    return np.maximum(gradient, 0).max(axis=-1)
