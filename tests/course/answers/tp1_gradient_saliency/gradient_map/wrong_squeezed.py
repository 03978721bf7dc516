# Squeezes every axis of length one.
def gradient_map(gradient):
    return np.squeeze(np.abs(gradient).max(axis=-1, keepdims=True))
