# Cut first, then divided.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile)
    cut = np.where(saliency_map > q, q, saliency_map)
    return cut / q if q else np.zeros(saliency_map.shape)
