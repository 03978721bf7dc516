# Returns the rank of each pixel instead of the pixels in order.
def pixel_order(saliency_map):
    return np.argsort(np.argsort(-np.ravel(saliency_map), kind="stable"))
