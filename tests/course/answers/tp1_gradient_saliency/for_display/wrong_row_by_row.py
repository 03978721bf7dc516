# A percentile for each row.
def for_display(saliency_map, percentile=99):
    q = np.maximum(np.percentile(saliency_map, percentile, axis=1, keepdims=True), 1e-12)
    return np.minimum(saliency_map / q, 1)
