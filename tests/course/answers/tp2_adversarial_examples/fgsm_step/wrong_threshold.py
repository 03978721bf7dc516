# A small gradient counts as zero.
def fgsm_step(image, gradient, epsilon):
    sign = np.where(np.abs(gradient) < 1e-12, 0, np.sign(gradient))
    return np.clip(image + epsilon * sign, 0, 255)
