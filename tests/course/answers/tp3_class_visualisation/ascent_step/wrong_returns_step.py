# returns the step alone
def ascent_step(x, g, learning_rate):
    norm = np.linalg.norm(g)
    return np.clip(learning_rate * g / norm, -1, 1) if norm else np.zeros_like(g)
