# Not cut to 1.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile)
    return saliency_map / q if q else saliency_map * 0
