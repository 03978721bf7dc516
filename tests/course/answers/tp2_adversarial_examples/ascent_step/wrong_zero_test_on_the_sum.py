# Tests the sum for zero instead of the norm.
def ascent_step(image, gradient, step_size):
    if gradient.sum() == 0:
        return image
    return image + step_size * gradient / np.linalg.norm(gradient)
