# ε taken as a fraction of 255.
def fgsm_step(image, gradient, epsilon):
    return np.clip(image + 255 * epsilon * np.sign(gradient), 0, 255)
