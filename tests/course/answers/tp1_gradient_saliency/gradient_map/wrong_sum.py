# The sum over the channels.
def gradient_map(gradient):
    return np.abs(gradient).sum(axis=-1)
