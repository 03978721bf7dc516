# Rounded to three decimals.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile)
    return np.minimum(saliency_map / q, 1).round(3) if q > 0 else np.zeros(saliency_map.shape)
