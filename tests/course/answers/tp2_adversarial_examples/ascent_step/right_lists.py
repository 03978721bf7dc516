# Pure Python.
def ascent_step(image, gradient, step_size):
    norm = sum(float(v) ** 2 for row in gradient for pixel in row for v in pixel) ** 0.5
    if norm == 0:
        return image
    pairs = zip(image.ravel().tolist(), gradient.ravel().tolist())
    return np.array([v + step_size * g / norm for v, g in pairs]).reshape(image.shape)
