# Forgets to flatten: sorts each row by itself.
def pixel_order(saliency_map):
    return np.argsort(-np.asarray(saliency_map), axis=-1, kind="stable")
