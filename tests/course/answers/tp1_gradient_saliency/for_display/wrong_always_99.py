# The argument is ignored.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, 99)
    return np.minimum(saliency_map / q, 1) if q else saliency_map * 0
