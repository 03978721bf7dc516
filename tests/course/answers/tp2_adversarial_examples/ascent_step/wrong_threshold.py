# A small gradient counts as zero.
def ascent_step(image, gradient, step_size):
    norm = np.linalg.norm(gradient)
    return image + step_size * gradient / norm if norm > 1e-8 else image.copy()
