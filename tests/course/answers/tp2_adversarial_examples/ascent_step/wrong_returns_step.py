# The step without the image.
def ascent_step(image, gradient, learning_rate):
    norm = np.linalg.norm(gradient)
    return learning_rate * gradient / norm if norm > 0 else image.copy()
