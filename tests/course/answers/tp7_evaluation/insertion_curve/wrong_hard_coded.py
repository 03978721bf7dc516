# The printed example
def insertion_curve(probability_of, x, order, step_size, start):
    return np.array([3, 10, 14])
