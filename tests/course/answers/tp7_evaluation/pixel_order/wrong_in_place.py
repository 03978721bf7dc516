# Negates the map it was given, in place.
def pixel_order(saliency_map):
    saliency_map *= -1
    return np.argsort(saliency_map, axis=None, kind="stable")
