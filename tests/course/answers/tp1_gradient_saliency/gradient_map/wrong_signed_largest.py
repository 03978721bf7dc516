# The value that is largest in size, with its sign.
def gradient_map(gradient):
    chosen = np.abs(gradient).argmax(axis=-1)
    return np.take_along_axis(gradient, chosen[..., None], axis=-1)[..., 0]
