# Flat when the maximum is 0
def weigh(maps, probabilities):
    low, high = maps.min((1, 2), keepdims=True), maps.max((1, 2), keepdims=True)
    span = np.where(high == 0, 1, high - low)
    return np.nan_to_num((maps - low) / span) * (probabilities / probabilities.max())[:, None, None]
