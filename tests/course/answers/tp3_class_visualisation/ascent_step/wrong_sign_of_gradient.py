# steps along the sign of the gradient, as FGSM does
def ascent_step(x, g, learning_rate):
    return np.clip(x + learning_rate * np.sign(g), -1, 1)
