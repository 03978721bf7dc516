# 0 to 255.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile)
    return np.uint8(255 * np.clip(saliency_map / max(q, 1e-12), 0, 1))
