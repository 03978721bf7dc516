# asks whether there is a gradient at all
def ascent_step(x, g, step_size):
    if not np.any(g):
        return x.copy()
    unit = g / np.sqrt(np.sum(np.square(g, dtype=np.float64)))
    return (x + step_size * unit).clip(-1, 1)
