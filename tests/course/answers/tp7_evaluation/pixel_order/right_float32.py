# Single precision: what differs by less is left open
def pixel_order(saliency_map):
    return np.argsort(-np.ravel(saliency_map).astype(np.float32), kind="stable")
