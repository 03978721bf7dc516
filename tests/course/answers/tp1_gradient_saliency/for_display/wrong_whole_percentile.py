# The percentile cut to a whole number.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, int(percentile))
    return np.minimum(saliency_map / q, 1) if q > 0 else np.zeros(saliency_map.shape)
