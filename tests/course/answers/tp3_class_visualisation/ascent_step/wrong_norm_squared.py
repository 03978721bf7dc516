# divides by the squared norm
def ascent_step(x, g, learning_rate):
    norm = np.sum(np.square(g))
    return np.clip(x + learning_rate * g / norm, -1, 1) if norm else np.array(x)
