# an epsilon as large as small gradients
def ascent_step(x, g, learning_rate):
    return np.clip(x + learning_rate * g / (np.linalg.norm(g) + 0.01), -1, 1)
