# Changes the maps that it was given
def weigh(maps, probabilities):
    maps -= maps.min(axis=(1, 2), keepdims=True)
    maps /= np.maximum(maps.max(axis=(1, 2), keepdims=True), 1e-12)
    return maps * (probabilities / probabilities.max())[:, None, None]
