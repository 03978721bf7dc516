# One channel only.
def gradient_map(gradient):
    return np.abs(gradient[..., 1])
