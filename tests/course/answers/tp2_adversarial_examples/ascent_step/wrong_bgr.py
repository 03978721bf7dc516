# Channels the wrong way round.
def ascent_step(image, gradient, learning_rate):
    norm = np.linalg.norm(gradient)
    return image + learning_rate * gradient[..., ::-1] / norm if norm > 0 else image.copy()
