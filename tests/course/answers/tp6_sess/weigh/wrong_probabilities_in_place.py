# Divides the probabilities that it is given
def weigh(maps, probabilities):
    low, high = maps.min((1, 2), keepdims=True), maps.max((1, 2), keepdims=True)
    probabilities /= probabilities.max()
    return (maps - low) / np.where(high > low, high - low, 1) * probabilities[:, None, None]
