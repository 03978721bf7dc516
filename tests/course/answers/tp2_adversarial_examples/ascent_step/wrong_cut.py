# Cut to [0, 255], which is the loop's affair.
def ascent_step(image, gradient, step_size):
    norm = np.linalg.norm(gradient)
    return np.clip(image + step_size * gradient / norm, 0, 255) if norm > 0 else image.copy()
