# An equal gradient everywhere is taken for none.
def pgd_step(image, original, gradient, step_size, epsilon):
    direction = np.sign(gradient) if gradient.max() != gradient.min() else 0
    moved = image + step_size * direction
    return np.clip(np.clip(moved, original - epsilon, original + epsilon), 0, 255)
