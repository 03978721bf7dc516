# Reverses an increasing order, so that equal pixels come last in reading order first.
def pixel_order(saliency_map):
    return np.argsort(np.ravel(saliency_map), kind="stable")[::-1]
