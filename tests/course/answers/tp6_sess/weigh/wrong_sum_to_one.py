# Weights that sum to one
def weigh(maps, scores):
    low = maps.min(axis=(1, 2), keepdims=True)
    span = maps.max(axis=(1, 2), keepdims=True) - low
    normalised = (maps - low) / np.where(span > 0, span, 1)
    return normalised * (scores / scores.sum())[:, None, None]
