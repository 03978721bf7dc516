# Divided by the largest value instead of taking signs.
def fgsm_step(image, gradient, epsilon):
    return np.clip(image + epsilon * gradient / np.abs(gradient).max(), 0, 255)
