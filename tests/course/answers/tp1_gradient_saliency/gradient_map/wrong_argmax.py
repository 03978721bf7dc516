# The number of the channel.
def gradient_map(gradient):
    return np.abs(gradient).argmax(axis=-1)
