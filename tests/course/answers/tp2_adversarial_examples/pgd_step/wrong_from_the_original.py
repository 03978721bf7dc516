# Starts at the original each time.
def pgd_step(image, original, gradient, step_size, epsilon):
    moved = original + step_size * np.sign(gradient)
    return np.clip(np.clip(moved, original - epsilon, original + epsilon), 0, 255)
