# binomial, one column of shifts after the other
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = rng.binomial(1, p, size=(n_masks, grid_size, grid_size))
    dy = rng.integers(0, int(np.ceil(size[0] / grid_size)), n_masks)
    dx = rng.integers(0, int(np.ceil(size[1] / grid_size)), n_masks)
    return grids, np.stack([dy, dx], axis=1)
