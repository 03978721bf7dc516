# One map alone loses its axis
def weigh(maps, probabilities):
    low, high = maps.min((1, 2), keepdims=True), maps.max((1, 2), keepdims=True)
    out = (maps - low) / np.where(high > low, high - low, 1) * (probabilities / probabilities.max())[:, None, None]
    return out[0] if len(out) == 1 else out
