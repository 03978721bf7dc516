# divides by the squared norm
def ascent_step(x, g, step_size):
    norm = np.sum(np.square(g))
    return np.clip(x + step_size * g / norm, -1, 1) if norm else np.array(x)
