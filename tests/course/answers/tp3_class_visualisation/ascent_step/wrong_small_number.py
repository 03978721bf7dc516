# a small number added to the norm instead of a case of its own
def ascent_step(x, g, step_size):
    g = np.asarray(g, np.float64)
    moved = x + step_size * g / (np.sqrt((g * g).sum()) + 1e-12)
    return np.minimum(np.maximum(moved, -1.0), 1.0)
