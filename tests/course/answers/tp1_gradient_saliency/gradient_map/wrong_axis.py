# The maximum over the rows.
def gradient_map(gradient):
    return np.abs(gradient).max(axis=0)
