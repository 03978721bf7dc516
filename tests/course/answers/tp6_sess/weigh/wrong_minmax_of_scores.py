# Minmax of the scores: the lowest gets 0
def weigh(maps, scores):
    low = maps.min(axis=(1, 2), keepdims=True)
    span = maps.max(axis=(1, 2), keepdims=True) - low
    normalised = (maps - low) / np.where(span > 0, span, 1)
    return normalised * ((scores - scores.min()) / max(scores.max() - scores.min(), 1e-9))[:, None, None]
