# a small gradient counts as zero
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    return np.clip(x + step_size * g / norm, -1, 1) if norm > 1e-8 else np.array(x)
