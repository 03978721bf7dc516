# Values in single precision
def pixel_order(saliency_map):
    return np.argsort(-np.ravel(saliency_map).astype(np.float32), kind="stable")
