# Rounded to whole grey levels.
def ascent_step(image, gradient, step_size):
    norm = np.linalg.norm(gradient)
    return np.rint(image + step_size * gradient / norm) if norm > 0 else image.copy()
