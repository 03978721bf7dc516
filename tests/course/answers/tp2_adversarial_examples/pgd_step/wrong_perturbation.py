# The perturbation, without the original.
def pgd_step(image, original, gradient, step_size, epsilon):
    return np.clip(image + step_size * np.sign(gradient) - original, -epsilon, epsilon)
