# What is small beside the largest value is taken for 0.
def pgd_step(image, original, gradient, step_size, epsilon):
    g = np.where(np.abs(gradient) < 1e-5 * np.abs(gradient).max(), 0, gradient)
    moved = image + step_size * np.sign(g)
    return np.clip(np.clip(moved, original - epsilon, original + epsilon), 0, 255)
