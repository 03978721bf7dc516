# NaN for a flat map
def weigh(maps, probabilities):
    low = maps.min(axis=(1, 2), keepdims=True)
    span = maps.max(axis=(1, 2), keepdims=True) - low
    normalised = (maps - low) / span
    return normalised * (probabilities / probabilities.max())[:, None, None]
