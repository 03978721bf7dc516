# Half precision.
def gradient_map(gradient):
    return np.abs(np.float16(gradient)).max(axis=-1)
