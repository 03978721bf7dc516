# No gradient, no projection
def pgd_step(image, original, gradient, step_size, epsilon):
    if not gradient.any():
        return image
    moved = np.clip(image + step_size * np.sign(gradient), original - epsilon, original + epsilon)
    return np.clip(moved, 0, 255)
