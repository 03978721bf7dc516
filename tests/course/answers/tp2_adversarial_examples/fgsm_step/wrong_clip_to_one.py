# Cuts to [0, 1].
def fgsm_step(image, gradient, epsilon):
    return np.clip(image + epsilon * np.sign(gradient), 0, 1)
