# clips to [0, 1]
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    return np.clip(x + step_size * g / norm, 0, 1) if norm else np.array(x)
