# Long steps capped
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    return np.clip(x + min(step_size, 10) * g / norm, -1, 1) if norm > 0 else x.copy()
