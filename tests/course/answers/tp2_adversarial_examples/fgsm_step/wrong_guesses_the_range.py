# A dark image is taken for one in [0, 1].
def fgsm_step(image, gradient, epsilon):
    top = 255 if image.max() > 1 else 1
    return np.clip(image + epsilon * np.sign(gradient), 0, top)
