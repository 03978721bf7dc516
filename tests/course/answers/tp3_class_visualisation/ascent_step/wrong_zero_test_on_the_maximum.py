# A gradient without positive values taken for 0
def ascent_step(x, g, step_size):
    if g.max() == 0:
        return x
    return np.clip(x + step_size * g / np.linalg.norm(g), -1, 1)
