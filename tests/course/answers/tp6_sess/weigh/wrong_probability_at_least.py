# The largest probability never below a small number
def weigh(maps, probabilities):
    low, high = maps.min((1, 2), keepdims=True), maps.max((1, 2), keepdims=True)
    weights = probabilities / max(probabilities.max(), 1e-12)
    return (maps - low) / np.where(high > low, high - low, 1) * weights[:, None, None]
