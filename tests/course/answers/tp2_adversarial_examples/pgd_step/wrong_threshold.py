# A small gradient counts as zero.
def pgd_step(image, original, gradient, step_size, epsilon):
    moved = image + step_size * np.where(np.abs(gradient) > 1e-12, np.sign(gradient), 0)
    return np.clip(np.clip(moved, original - epsilon, original + epsilon), 0, 255)
