# The Euclidean norm.
def gradient_map(gradient):
    return np.linalg.norm(gradient, axis=-1)
