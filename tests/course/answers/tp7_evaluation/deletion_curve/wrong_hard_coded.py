# The printed examples
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    if baseline == -1:
        return np.array([30 / 4, -2 / 4, -10 / 4])
    return np.array([1, 4 / 6, 2 / 6, 0] if step_size == 2 else [1, 2 / 6, 0])
