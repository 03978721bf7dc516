# The squared norm.
def ascent_step(image, gradient, step_size):
    norm = (gradient**2).sum()
    return image + step_size * gradient / norm if norm > 0 else image.copy()
