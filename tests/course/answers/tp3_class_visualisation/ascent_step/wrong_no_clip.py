# does not keep x an image
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    return x + step_size * g / norm if norm else np.array(x)
