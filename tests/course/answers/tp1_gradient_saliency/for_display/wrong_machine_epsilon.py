# The machine's epsilon for zero.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile)
    if q < np.finfo(float).eps:
        return np.zeros(saliency_map.shape)
    return np.minimum(saliency_map / q, 1)
