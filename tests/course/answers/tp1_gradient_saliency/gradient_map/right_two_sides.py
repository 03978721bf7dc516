# The larger of the maximum and minus the minimum.
def gradient_map(gradient):
    return np.maximum(gradient.max(axis=2), -gradient.min(axis=2))
