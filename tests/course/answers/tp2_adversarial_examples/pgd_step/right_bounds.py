# The two bounds first.
def pgd_step(image, original, gradient, step_size, epsilon):
    low = np.maximum(original - epsilon, 0)
    high = np.minimum(original + epsilon, 255)
    return np.minimum(np.maximum(image + step_size * np.sign(gradient), low), high)
