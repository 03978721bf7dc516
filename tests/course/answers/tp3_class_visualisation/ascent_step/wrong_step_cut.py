# The step is cut to [-1, 1] before x is
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    if norm == 0:
        return x
    return np.clip(x + np.clip(step_size * g / norm, -1, 1), -1, 1)
