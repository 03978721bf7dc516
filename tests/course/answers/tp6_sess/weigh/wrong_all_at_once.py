# Minimum and maximum of all the maps together
def weigh(maps, probabilities):
    low = maps.min(axis=None, keepdims=True)
    span = maps.max(axis=None, keepdims=True) - low
    normalised = (maps - low) / np.where(span > 0, span, 1)
    return normalised * (probabilities / probabilities.max())[:, None, None]
