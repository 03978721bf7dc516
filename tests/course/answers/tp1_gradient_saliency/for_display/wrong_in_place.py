# The caller's map is overwritten.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile)
    if q:
        saliency_map /= q
    return np.minimum(saliency_map, 1, out=saliency_map)
