# A small number added to the norm instead of a case of its own.
def ascent_step(image, gradient, step_size):
    return image + step_size * gradient / (np.linalg.norm(gradient) + 1e-12)
