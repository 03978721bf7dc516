# what is small beside the largest value is taken for noise
def ascent_step(x, g, step_size):
    if not g.any():
        return x.copy()
    g = np.where(np.abs(g) < 1e-3 * np.abs(g).max(), 0, g)
    return np.clip(x + step_size * g / np.linalg.norm(g), -1, 1)
