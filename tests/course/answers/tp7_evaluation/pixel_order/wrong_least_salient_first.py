# Sorts in increasing order.
def pixel_order(saliency_map):
    return np.argsort(np.ravel(saliency_map), kind="stable")
