# The gradient as it is, whatever its size.
def ascent_step(image, gradient, step_size):
    return image + step_size * gradient
