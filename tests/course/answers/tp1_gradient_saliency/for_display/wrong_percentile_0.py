# Percentile 0 taken for the default.
def for_display(saliency_map, percentile=None):
    q = np.percentile(saliency_map, percentile or 99)
    return np.minimum(saliency_map / q, 1) if q > 0 else np.zeros(saliency_map.shape)
