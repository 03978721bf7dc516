# In the type of the map: integers lose their fractions.
def for_display(saliency_map, percentile=99):
    q = np.percentile(saliency_map, percentile)
    result = np.zeros_like(saliency_map)
    if q > 0:
        result[:] = np.minimum(saliency_map / q, 1)
    return result
