# NaN for a flat map
def weigh(maps, scores):
    low = maps.min(axis=(1, 2), keepdims=True)
    span = maps.max(axis=(1, 2), keepdims=True) - low
    normalised = (maps - low) / span
    return normalised * (scores / scores.max())[:, None, None]
