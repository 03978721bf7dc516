# A small number added to the percentile.
def for_display(saliency_map, percentile=99):
    return np.clip(saliency_map / (np.percentile(saliency_map, percentile) + 1e-12), 0, 1)
