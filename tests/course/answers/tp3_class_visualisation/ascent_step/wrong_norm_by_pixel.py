# a norm for each pixel
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g, axis=-1, keepdims=True)
    return np.clip(x + step_size * g / np.maximum(norm, 1e-12), -1, 1)
