# a shift for every two masks
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = (rng.random((n_masks, grid_size, grid_size)) < p).astype(float)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    shifts = rng.integers(0, cell, ((n_masks + 1) // 2, 2))
    return grids, np.repeat(shifts, 2, axis=0)[:n_masks]
