# Rounded to whole grey levels.
def fgsm_step(image, gradient, epsilon):
    return np.rint(np.clip(image + epsilon * np.sign(gradient), 0, 255))
