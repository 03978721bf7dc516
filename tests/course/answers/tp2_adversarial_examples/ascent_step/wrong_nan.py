# Zero divided by zero.
def ascent_step(image, gradient, learning_rate):
    return image + learning_rate * gradient / np.linalg.norm(gradient)
