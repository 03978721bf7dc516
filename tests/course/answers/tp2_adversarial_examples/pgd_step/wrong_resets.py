# Values outside the ball go back to the original.
def pgd_step(image, original, gradient, step_size, epsilon):
    moved = image + step_size * np.sign(gradient)
    return np.clip(np.where(np.abs(moved - original) > epsilon, original, moved), 0, 255)
