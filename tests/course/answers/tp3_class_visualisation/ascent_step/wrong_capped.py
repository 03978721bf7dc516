# a step of 1 at most
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    return np.clip(x + min(step_size, 1) * g / norm, -1, 1) if norm else np.array(x)
