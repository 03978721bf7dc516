# Sorts by the absolute value.
def pixel_order(saliency_map):
    return np.argsort(-np.abs(np.ravel(saliency_map)), kind="stable")
