# Channels the wrong way round.
def ascent_step(image, gradient, step_size):
    norm = np.linalg.norm(gradient)
    return image + step_size * gradient[..., ::-1] / norm if norm > 0 else image.copy()
