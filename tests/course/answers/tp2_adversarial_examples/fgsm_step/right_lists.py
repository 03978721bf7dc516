# Pure Python.
def fgsm_step(image, gradient, epsilon):
    def moved(value, g):
        return min(255, max(0, value + epsilon * ((g > 0) - (g < 0))))

    rows = zip(image.tolist(), gradient.tolist())
    return [[[moved(*pair) for pair in zip(*pixels)] for pixels in zip(*row)] for row in rows]
