# Sorts by value and then by place.
def pixel_order(saliency_map):
    values = np.ravel(saliency_map)
    return np.lexsort((np.arange(values.size), -values))
