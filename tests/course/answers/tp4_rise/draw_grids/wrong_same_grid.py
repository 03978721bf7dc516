# one grid, repeated
def draw_grids(n_masks, size, grid_size, p, rng):
    grid = (rng.random((grid_size, grid_size)) < p).astype(np.float32)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return np.repeat(grid[None], n_masks, axis=0), rng.integers(0, cell, (n_masks, 2))
