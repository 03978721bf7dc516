# returns the step alone
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    return np.clip(step_size * g / norm, -1, 1) if norm else np.zeros_like(g)
