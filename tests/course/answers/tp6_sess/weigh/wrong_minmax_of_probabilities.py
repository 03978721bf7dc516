# Minmax of the probabilities: the lowest gets 0
def weigh(maps, probabilities):
    low = maps.min(axis=(1, 2), keepdims=True)
    span = maps.max(axis=(1, 2), keepdims=True) - low
    normalised = (maps - low) / np.where(span > 0, span, 1)
    above = probabilities - probabilities.min()
    return normalised * (above / max(above.max(), 1e-9))[:, None, None]
