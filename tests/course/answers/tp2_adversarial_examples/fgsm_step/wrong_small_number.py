# Divided by the absolute value and a small number.
def fgsm_step(image, gradient, epsilon):
    return np.clip(image + epsilon * gradient / (np.abs(gradient) + 1e-12), 0, 255)
