# Changes the image that it is given.
def ascent_step(image, gradient, step_size):
    norm = np.linalg.norm(gradient)
    if norm > 0:
        image += step_size * gradient / norm
    return image
