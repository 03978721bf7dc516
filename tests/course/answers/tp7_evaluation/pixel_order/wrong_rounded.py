# Values rounded to six decimals first
def pixel_order(saliency_map):
    return np.argsort(-np.ravel(saliency_map).round(6), kind="stable")
