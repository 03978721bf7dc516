# divides the gradient itself
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    if norm:
        g /= norm
    return np.clip(x + step_size * g, -1, 1)
