# The minimum.
def gradient_map(gradient):
    return np.abs(gradient).min(axis=-1)
