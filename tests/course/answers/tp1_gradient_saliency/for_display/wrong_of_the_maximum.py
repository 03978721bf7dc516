# A share of the maximum instead of a percentile.
def for_display(saliency_map, percentile=99):
    q = saliency_map.max() * percentile / 100
    return np.minimum(saliency_map / q, 1) if q else saliency_map * 0
