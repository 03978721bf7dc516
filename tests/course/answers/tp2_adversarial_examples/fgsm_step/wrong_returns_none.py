# No return.
def fgsm_step(image, gradient, epsilon):
    np.clip(image + epsilon * np.sign(gradient), 0, 255)
