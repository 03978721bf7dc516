# shifts in cells instead of pixels
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = (rng.random((n_masks, grid_size, grid_size)) < p).astype(np.float32)
    return grids, rng.integers(0, grid_size, (n_masks, 2))
