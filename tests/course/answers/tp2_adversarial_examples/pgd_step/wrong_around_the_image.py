# The ball around the present image: the attack may go anywhere.
def pgd_step(image, original, gradient, step_size, epsilon):
    moved = image + step_size * np.sign(gradient)
    return np.clip(np.clip(moved, image - epsilon, image + epsilon), 0, 255)
