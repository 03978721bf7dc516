# Returns early where no gradient is positive
def fgsm_step(image, gradient, epsilon):
    if gradient.max() <= 0:
        return image.copy()
    return np.clip(image + epsilon * np.sign(gradient), 0, 255)
