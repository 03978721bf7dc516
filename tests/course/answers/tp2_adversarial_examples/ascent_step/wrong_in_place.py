# Changes the image that it is given.
def ascent_step(image, gradient, learning_rate):
    norm = np.linalg.norm(gradient)
    if norm > 0:
        image += learning_rate * gradient / norm
    return image
