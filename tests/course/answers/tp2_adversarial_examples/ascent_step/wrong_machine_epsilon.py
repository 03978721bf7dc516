# The machine's epsilon for zero.
def ascent_step(image, gradient, step_size):
    norm = np.linalg.norm(gradient)
    if norm < np.finfo(float).eps:
        return image
    return image + step_size * gradient / norm
