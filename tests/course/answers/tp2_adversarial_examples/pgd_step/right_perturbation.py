# The perturbation is projected.
def pgd_step(image, original, gradient, step_size, epsilon):
    p = np.float32(image) + np.float32(step_size * np.sign(gradient)) - np.float32(original)
    return np.clip(original + np.clip(p, -epsilon, epsilon), 0, 255)
