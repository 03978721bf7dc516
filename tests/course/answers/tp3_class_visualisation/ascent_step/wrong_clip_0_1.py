# clips to [0, 1]
def ascent_step(x, g, learning_rate):
    norm = np.linalg.norm(g)
    return np.clip(x + learning_rate * g / norm, 0, 1) if norm else np.array(x)
