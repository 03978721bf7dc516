# Divides the gradient itself, in place.
def ascent_step(image, gradient, learning_rate):
    norm = np.linalg.norm(gradient)
    if norm > 0:
        gradient /= norm
    return image + learning_rate * gradient
