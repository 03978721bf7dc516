# does not divide by the norm
def ascent_step(x, g, learning_rate):
    return np.clip(x + learning_rate * np.asarray(g), -1, 1)
