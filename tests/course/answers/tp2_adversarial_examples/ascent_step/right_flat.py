# The norm of the flattened gradient, by hand.
def ascent_step(image, gradient, step_size):
    flat = np.ravel(gradient)
    norm = float(np.sqrt(flat @ flat))
    if norm == 0:
        return np.array(image)
    return np.float32(image) + np.float32(step_size / norm) * np.float32(gradient)
