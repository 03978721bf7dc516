# Takes a percentile below 1 for a share
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile * 100 if 0 < percentile < 1 else percentile)
    return np.minimum(saliency_map / q, 1) if q else np.zeros(saliency_map.shape)
