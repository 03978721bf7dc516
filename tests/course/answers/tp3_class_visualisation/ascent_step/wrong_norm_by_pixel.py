# a norm for each pixel
def ascent_step(x, g, learning_rate):
    norm = np.linalg.norm(g, axis=-1, keepdims=True)
    return np.clip(x + learning_rate * g / np.maximum(norm, 1e-12), -1, 1)
