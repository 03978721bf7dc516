# Squeezes every axis of length one.
def ascent_step(image, gradient, step_size):
    norm = np.linalg.norm(gradient)
    return np.squeeze(image + step_size * gradient / norm) if norm > 0 else image.copy()
