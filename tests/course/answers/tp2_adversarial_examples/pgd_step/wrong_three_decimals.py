def pgd_step(image, original, gradient, step_size, epsilon):
    moved = image + step_size * np.sign(gradient)
    return np.round(np.clip(np.clip(moved, original - epsilon, original + epsilon), 0, 255), 3)
