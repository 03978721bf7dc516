# One norm for each pixel.
def ascent_step(image, gradient, step_size):
    norm = np.linalg.norm(gradient, axis=-1, keepdims=True)
    return image + step_size * gradient / np.maximum(norm, 1e-30)
