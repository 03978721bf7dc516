# No return.
def ascent_step(image, gradient, step_size):
    moved = image + step_size * gradient / np.linalg.norm(gradient)
