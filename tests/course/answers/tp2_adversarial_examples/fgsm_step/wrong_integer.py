# Cuts the fraction of ε off.
def fgsm_step(image, gradient, epsilon):
    return np.clip(image + int(epsilon) * np.sign(gradient), 0, 255)
