# Negative values are all the same
def pixel_order(saliency_map):
    return np.argsort(-np.maximum(np.ravel(saliency_map), 0), kind="stable")
