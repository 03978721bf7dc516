# An equal gradient everywhere is taken for none.
def fgsm_step(image, gradient, epsilon):
    if gradient.max() == gradient.min():
        return image.copy()
    return np.clip(image + epsilon * np.sign(gradient), 0, 255)
