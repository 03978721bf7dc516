# The norm of the flattened gradient, by hand.
def ascent_step(image, gradient, learning_rate):
    flat = np.ravel(gradient)
    norm = float(np.sqrt(flat @ flat))
    if norm == 0:
        return np.array(image)
    return np.float32(image) + np.float32(learning_rate / norm) * np.float32(gradient)
