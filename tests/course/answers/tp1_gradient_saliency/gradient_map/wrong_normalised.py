# Divided by its maximum.
def gradient_map(gradient):
    m = np.abs(gradient).max(axis=-1)
    return m / m.max()
