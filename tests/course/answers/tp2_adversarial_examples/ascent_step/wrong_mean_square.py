# The root mean square for a norm.
def ascent_step(image, gradient, step_size):
    size = np.sqrt(np.mean(gradient**2))
    return image + step_size * gradient / size if size > 0 else image.copy()
