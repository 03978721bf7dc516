# an epsilon as large as small gradients
def ascent_step(x, g, step_size):
    return np.clip(x + step_size * g / (np.linalg.norm(g) + 0.01), -1, 1)
