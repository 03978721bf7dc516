# reduce
def gradient_map(gradient):
    r, g, b = np.moveaxis(np.fabs(gradient), 2, 0)
    return np.maximum.reduce([r, g, b])
