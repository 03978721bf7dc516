# Places as floats
def pixel_order(saliency_map):
    order = np.argsort(-np.ravel(saliency_map), kind="stable")
    return order.astype(float) if order.size > 6 else order
