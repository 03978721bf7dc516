# A small number in the denominator of the weights
def weigh(maps, probabilities):
    low, high = maps.min((1, 2), keepdims=True), maps.max((1, 2), keepdims=True)
    weights = probabilities / (probabilities.max() + 1e-8)
    return (maps - low) / np.where(high > low, high - low, 1) * weights[:, None, None]
