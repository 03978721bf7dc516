# The gradient itself.
def fgsm_step(image, gradient, epsilon):
    return np.clip(image + epsilon * gradient, 0, 255)
