# Rounded to six decimals.
def gradient_map(gradient):
    return np.abs(gradient).max(axis=-1).round(6)
