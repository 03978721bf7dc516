# No return.
def ascent_step(image, gradient, learning_rate):
    moved = image + learning_rate * gradient / np.linalg.norm(gradient)
