# interpolated
def for_display(saliency_map, percentile=99):
    q = np.percentile(np.asarray(saliency_map, float).ravel(), percentile)
    return np.zeros(np.shape(saliency_map)) if not q > 0 else np.interp(saliency_map, [0, q], [0, 1])
