# does not keep x an image
def ascent_step(x, g, learning_rate):
    norm = np.linalg.norm(g)
    return x + learning_rate * g / norm if norm else np.array(x)
