# Leaves ties to an unstable sort.
def pixel_order(saliency_map):
    return np.argsort(-np.ravel(saliency_map), kind="heapsort")
