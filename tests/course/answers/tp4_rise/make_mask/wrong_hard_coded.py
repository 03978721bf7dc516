# the printed examples
def make_mask(grid, shift, size):
    return np.full(size, np.mean(grid) / (1 + shift[0]))
