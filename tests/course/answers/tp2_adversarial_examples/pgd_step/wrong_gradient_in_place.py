# Takes the sign in place.
def pgd_step(image, original, gradient, step_size, epsilon):
    gradient[:] = np.sign(gradient)
    moved = image + step_size * gradient
    return np.clip(np.clip(moved, original - epsilon, original + epsilon), 0, 255)
