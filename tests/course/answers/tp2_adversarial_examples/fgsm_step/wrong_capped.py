# No more than 16 grey levels.
def fgsm_step(image, gradient, epsilon):
    return np.clip(image + min(epsilon, 16) * np.sign(gradient), 0, 255)
