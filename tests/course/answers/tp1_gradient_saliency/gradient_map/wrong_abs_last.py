# The absolute value after the maximum.
def gradient_map(gradient):
    return np.abs(gradient.max(axis=-1))
