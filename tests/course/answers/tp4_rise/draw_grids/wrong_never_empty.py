# a grid that hides everything keeps one cell after all
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = (rng.random((n_masks, grid_size, grid_size)) < p).astype(np.float32)
    grids[grids.sum(axis=(1, 2)) == 0, 0, 0] = 1
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return grids, rng.integers(0, cell, (n_masks, 2))
