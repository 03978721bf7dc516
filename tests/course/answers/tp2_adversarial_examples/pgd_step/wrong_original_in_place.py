# The bounds are made in the original.
def pgd_step(image, original, gradient, step_size, epsilon):
    moved = image + step_size * np.sign(gradient)
    original -= epsilon
    moved = np.maximum(moved, original)
    original += 2 * epsilon
    return np.clip(np.minimum(moved, original), 0, 255)
