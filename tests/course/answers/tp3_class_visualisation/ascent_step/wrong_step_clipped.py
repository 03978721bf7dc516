# clips the step instead of the result
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    return x + np.clip(step_size * g / norm, -1 - x.min(), 1 - x.max()) if norm else np.array(x)
