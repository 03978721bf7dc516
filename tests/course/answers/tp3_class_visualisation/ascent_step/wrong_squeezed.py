# squeezes every axis of length one
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    return np.squeeze(np.clip(x + step_size * g / norm, -1, 1)) if norm else np.array(x)
