# A step of FGSM: no projection.
def pgd_step(image, original, gradient, step_size, epsilon):
    return np.clip(image + step_size * np.sign(gradient), 0, 255)
