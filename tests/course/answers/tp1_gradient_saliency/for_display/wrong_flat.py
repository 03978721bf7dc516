# Zero divided by zero for a flat map.
def for_display(saliency_map, percentile=99):
    return np.clip(saliency_map / np.percentile(saliency_map, percentile), 0, 1)
