# Weight p instead of p / max p
def weigh(maps, probabilities):
    low = maps.min(axis=(1, 2), keepdims=True)
    span = maps.max(axis=(1, 2), keepdims=True) - low
    normalised = (maps - low) / np.where(span > 0, span, 1)
    return normalised * (probabilities)[:, None, None]
