# The infinity norm.
def gradient_map(gradient):
    return np.linalg.norm(gradient, ord=np.inf, axis=2)
