# The squared norm.
def ascent_step(image, gradient, learning_rate):
    norm = (gradient**2).sum()
    return image + learning_rate * gradient / norm if norm > 0 else image.copy()
