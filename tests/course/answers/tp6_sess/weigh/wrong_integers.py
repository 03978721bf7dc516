# The result has the maps' type
def weigh(maps, probabilities):
    out = maps.copy()
    for i, m in enumerate(maps):
        span = m.max() - m.min()
        out[i] = (m - m.min()) / (span if span > 0 else 1) * probabilities[i] / probabilities.max()
    return out
