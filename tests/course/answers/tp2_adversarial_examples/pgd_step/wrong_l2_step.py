# A step of norm α.
def pgd_step(image, original, gradient, step_size, epsilon):
    moved = image + step_size * gradient / np.linalg.norm(gradient)
    return np.clip(np.clip(moved, original - epsilon, original + epsilon), 0, 255)
