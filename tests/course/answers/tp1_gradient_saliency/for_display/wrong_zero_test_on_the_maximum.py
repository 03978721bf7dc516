# Tests the maximum: a sparse map divides by zero.
def for_display(saliency_map, percentile=99):
    if saliency_map.max() == 0:
        return np.zeros(saliency_map.shape)
    return np.minimum(saliency_map / np.percentile(saliency_map, percentile), 1)
