# Divides the gradient itself, in place.
def ascent_step(image, gradient, step_size):
    norm = np.linalg.norm(gradient)
    if norm > 0:
        gradient /= norm
    return image + step_size * gradient
