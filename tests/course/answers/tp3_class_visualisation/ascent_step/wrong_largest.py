# divides by the largest value
def ascent_step(x, g, step_size):
    return np.clip(x + step_size * g / max(np.abs(g).max(), 1e-12), -1, 1)
