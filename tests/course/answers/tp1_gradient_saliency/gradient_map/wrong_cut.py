# Cut to [0, 1].
def gradient_map(gradient):
    return np.clip(np.abs(gradient).max(axis=-1), 0, 1)
