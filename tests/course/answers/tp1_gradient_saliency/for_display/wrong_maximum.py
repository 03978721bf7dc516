# Divided by the maximum.
def for_display(saliency_map, percentile=99):
    return saliency_map / max(saliency_map.max(), 1e-12)
