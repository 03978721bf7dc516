# Divided by the largest value of all maps instead of the largest probability
def weigh(maps, probabilities):
    low, high = maps.min((1, 2), keepdims=True), maps.max((1, 2), keepdims=True)
    out = (maps - low) / np.where(high > low, high - low, 1) * probabilities[:, None, None]
    return out / (out.max() or 1)
