# What is small beside the largest value is 0
def pixel_order(saliency_map):
    values = np.ravel(saliency_map)
    values = np.where(np.abs(values) < 1e-3 * np.abs(values).max(), 0, values)
    return np.argsort(-values, kind="stable")
