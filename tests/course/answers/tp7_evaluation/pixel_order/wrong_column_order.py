# Flattens column by column.
def pixel_order(saliency_map):
    return np.argsort(-np.asarray(saliency_map).ravel(order="F"), kind="stable")
