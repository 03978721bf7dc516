# The smallest value becomes 0.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile)
    low = saliency_map.min()
    return np.clip((saliency_map - low) / (q - low), 0, 1) if q > low else saliency_map * 0
