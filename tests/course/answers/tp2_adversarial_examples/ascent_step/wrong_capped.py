# A step of 255 at most.
def ascent_step(image, gradient, step_size):
    norm = np.linalg.norm(gradient)
    return image + min(step_size, 255) * gradient / norm if norm > 0 else image.copy()
