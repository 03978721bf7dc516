# The channel axis is still there.
def gradient_map(gradient):
    return np.abs(gradient).max(axis=-1, keepdims=True)
