# Tests the argument as well as the value
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile)
    if percentile == 0 or q == 0:
        return np.zeros(saliency_map.shape)
    return np.minimum(saliency_map / q, 1)
