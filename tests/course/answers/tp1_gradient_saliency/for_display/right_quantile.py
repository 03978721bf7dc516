# By quantile and clip.
def for_display(saliency_map, percentile=99):
    q = np.quantile(saliency_map, percentile / 100)
    return np.clip(saliency_map / q, 0, 1) if q > 0 else saliency_map * 0
