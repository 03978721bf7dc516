# Negative values are cut first
def weigh(maps, probabilities):
    m = np.maximum(maps, 0)
    low, high = m.min((1, 2), keepdims=True), m.max((1, 2), keepdims=True)
    return (m - low) / np.where(high > low, high - low, 1) * (probabilities / probabilities.max())[:, None, None]
