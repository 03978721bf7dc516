# A step no larger than ε.
def pgd_step(image, original, gradient, step_size, epsilon):
    moved = image + min(step_size, epsilon) * np.sign(gradient)
    return np.clip(np.clip(moved, original - epsilon, original + epsilon), 0, 255)
