# No return.
def pgd_step(image, original, gradient, step_size, epsilon):
    np.clip(image + step_size * np.sign(gradient), original - epsilon, original + epsilon)
