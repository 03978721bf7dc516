# The percentile taken for a fraction.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile / 100)
    return np.minimum(saliency_map / q, 1) if q else saliency_map * 0
