# steps along the sign of the gradient, as FGSM does
def ascent_step(x, g, step_size):
    return np.clip(x + step_size * np.sign(g), -1, 1)
