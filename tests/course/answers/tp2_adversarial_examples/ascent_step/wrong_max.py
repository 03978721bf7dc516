# The largest value for a norm.
def ascent_step(image, gradient, step_size):
    norm = np.abs(gradient).max()
    return image + step_size * gradient / norm if norm > 0 else image.copy()
