# divides by the largest value
def ascent_step(x, g, learning_rate):
    return np.clip(x + learning_rate * g / max(np.abs(g).max(), 1e-12), -1, 1)
