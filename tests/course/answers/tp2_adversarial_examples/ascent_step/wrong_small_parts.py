# What is small beside the largest value is taken for noise.
def ascent_step(image, gradient, step_size):
    if not gradient.any():
        return image.copy()
    g = np.where(np.abs(gradient) < 1e-3 * np.abs(gradient).max(), 0, gradient)
    return image + step_size * g / np.linalg.norm(g)
