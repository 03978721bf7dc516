# Pure Python, lists.
def gradient_map(gradient):
    return [[max(abs(float(value)) for value in pixel) for pixel in row] for row in gradient]
