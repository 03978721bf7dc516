# The mean over the channels.
def gradient_map(gradient):
    return np.abs(gradient).mean(axis=-1)
