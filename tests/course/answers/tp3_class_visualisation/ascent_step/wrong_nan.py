# divides by 0 where the gradient is 0
def ascent_step(x, g, step_size):
    return np.clip(x + step_size * g / np.linalg.norm(g), -1, 1)
