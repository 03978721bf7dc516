# Something small is taken away so that no two are equal
def pixel_order(saliency_map):
    values = np.ravel(saliency_map).astype(float)
    return np.argsort(-values + 1e-9 * np.arange(values.size))
