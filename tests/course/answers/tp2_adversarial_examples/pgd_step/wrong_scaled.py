# Scales the perturbation as a whole until its largest value is ε.
def pgd_step(image, original, gradient, step_size, epsilon):
    p = image + step_size * np.sign(gradient) - original
    return np.clip(original + epsilon * p / np.abs(p).max(), 0, 255)
