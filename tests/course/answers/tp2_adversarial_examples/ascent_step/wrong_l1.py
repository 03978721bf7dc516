# The sum of absolute values for a norm.
def ascent_step(image, gradient, learning_rate):
    norm = np.abs(gradient).sum()
    return image + learning_rate * gradient / norm if norm > 0 else image.copy()
