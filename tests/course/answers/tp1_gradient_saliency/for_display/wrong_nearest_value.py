# A value of the sorted map instead of the percentile between two.
def for_display(saliency_map, percentile=99):
    ordered = np.sort(saliency_map, axis=None)
    q = ordered[min(int(len(ordered) * percentile / 100), len(ordered) - 1)]
    return np.minimum(saliency_map / q, 1) if q > 0 else np.zeros(saliency_map.shape)
