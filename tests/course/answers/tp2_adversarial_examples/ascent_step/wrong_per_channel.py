# One norm for each pixel.
def ascent_step(image, gradient, learning_rate):
    norm = np.linalg.norm(gradient, axis=-1, keepdims=True)
    return image + learning_rate * gradient / np.maximum(norm, 1e-30)
