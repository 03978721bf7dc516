# rounds a uniform number moved by p - 1/2
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = np.round(rng.random((n_masks, grid_size, grid_size)) + p - 0.5)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return grids, rng.integers(0, cell, (n_masks, 2))
