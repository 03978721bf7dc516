# Minimum and maximum of each row
def weigh(maps, probabilities):
    low = maps.min(axis=2, keepdims=True)
    span = maps.max(axis=2, keepdims=True) - low
    normalised = (maps - low) / np.where(span > 0, span, 1)
    return normalised * (probabilities / probabilities.max())[:, None, None]
