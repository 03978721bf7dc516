# A small percentile counts as zero.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile)
    return np.minimum(saliency_map / q, 1) if q > 1e-8 else np.zeros(saliency_map.shape)
