# Zero divided by zero.
def ascent_step(image, gradient, step_size):
    return image + step_size * gradient / np.linalg.norm(gradient)
