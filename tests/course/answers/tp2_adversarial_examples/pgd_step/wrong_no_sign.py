# The gradient itself.
def pgd_step(image, original, gradient, step_size, epsilon):
    moved = image + step_size * gradient
    return np.clip(np.clip(moved, original - epsilon, original + epsilon), 0, 255)
