# Cut to the range of the image.
def fgsm_step(image, gradient, epsilon):
    return np.clip(image + epsilon * np.sign(gradient), image.min(), image.max())
