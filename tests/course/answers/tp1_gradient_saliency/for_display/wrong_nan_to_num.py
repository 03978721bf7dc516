# Divides first, mends afterwards: what is above the percentile stays 1.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile)
    return np.clip(np.nan_to_num(saliency_map / q), 0, 1)
