# does not divide by the norm
def ascent_step(x, g, step_size):
    return np.clip(x + step_size * np.asarray(g), -1, 1)
