# Single precision throughout
def weigh(maps, probabilities):
    m = maps.astype(np.float32)
    low, high = m.min(axis=(1, 2), keepdims=True), m.max(axis=(1, 2), keepdims=True)
    p = probabilities.astype(np.float32)
    return (m - low) / np.where(high > low, high - low, 1) * (p / p.max())[:, None, None]
