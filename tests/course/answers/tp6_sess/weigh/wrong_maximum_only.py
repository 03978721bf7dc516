# Divided by the maximum, the minimum left
def weigh(maps, probabilities):
    low = maps.min(axis=(1, 2), keepdims=True)
    span = maps.max(axis=(1, 2), keepdims=True) - low
    normalised = maps / np.maximum(np.abs(low + span), 1e-9)
    return normalised * (probabilities / probabilities.max())[:, None, None]
