# The number of columns is taken for the number of rows
def pixel_order(saliency_map):
    h, w = saliency_map.shape
    rows, columns = np.unravel_index(np.argsort(-np.ravel(saliency_map), kind="stable"), (h, w))
    return rows * h + columns if h > 6 else rows * w + columns
