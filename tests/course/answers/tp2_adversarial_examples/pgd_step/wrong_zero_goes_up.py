# Where the gradient is zero, up.
def pgd_step(image, original, gradient, step_size, epsilon):
    moved = image + step_size * np.where(gradient < 0, -1, 1)
    return np.clip(np.clip(moved, original - epsilon, original + epsilon), 0, 255)
