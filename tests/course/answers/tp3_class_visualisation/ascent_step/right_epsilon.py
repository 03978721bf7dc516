# an epsilon, minimum and maximum
def ascent_step(x, g, learning_rate):
    g = np.asarray(g, np.float64)
    moved = x + learning_rate * g / (np.sqrt((g * g).sum()) + 1e-12)
    return np.minimum(np.maximum(moved, -1.0), 1.0)
