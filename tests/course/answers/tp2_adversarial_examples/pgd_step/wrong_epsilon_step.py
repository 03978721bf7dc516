# ε is the step, α the radius.
def pgd_step(image, original, gradient, step_size, epsilon):
    return np.clip(np.clip(image + epsilon * np.sign(gradient), original - step_size, original + step_size), 0, 255)
