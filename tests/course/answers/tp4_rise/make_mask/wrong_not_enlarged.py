# returns the grid
def make_mask(grid, shift, size):
    return np.asarray(grid, np.float32)
