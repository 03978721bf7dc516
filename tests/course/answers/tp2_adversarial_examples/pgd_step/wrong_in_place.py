# Changes the image that it is given.
def pgd_step(image, original, gradient, step_size, epsilon):
    image += step_size * np.sign(gradient)
    return np.clip(np.clip(image, original - epsilon, original + epsilon), 0, 255)
