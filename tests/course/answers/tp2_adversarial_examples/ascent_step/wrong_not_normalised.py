# The gradient as it is, whatever its size.
def ascent_step(image, gradient, learning_rate):
    return image + learning_rate * gradient
