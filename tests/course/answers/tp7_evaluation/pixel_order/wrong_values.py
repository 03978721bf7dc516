# Returns the sorted values instead of the places.
def pixel_order(saliency_map):
    return np.sort(np.ravel(saliency_map))[::-1]
