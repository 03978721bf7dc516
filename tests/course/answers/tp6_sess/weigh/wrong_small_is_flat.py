# A small span is taken for a flat map
def weigh(maps, probabilities):
    low, high = maps.min((1, 2), keepdims=True), maps.max((1, 2), keepdims=True)
    flat = high - low < 1e-6
    return np.where(flat, 0, (maps - low) / np.where(flat, 1, high - low)) * (probabilities / probabilities.max())[:, None, None]
