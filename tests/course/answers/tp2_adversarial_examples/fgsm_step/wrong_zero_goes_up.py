# Where the gradient is zero, up.
def fgsm_step(image, gradient, epsilon):
    return np.clip(image + epsilon * np.where(gradient >= 0, 1, -1), 0, 255)
