# Down instead of up.
def ascent_step(image, gradient, learning_rate):
    norm = np.linalg.norm(gradient)
    return image - learning_rate * gradient / norm if norm > 0 else image.copy()
