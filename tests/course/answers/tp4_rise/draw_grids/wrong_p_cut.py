# p is kept away from 0 and 1
def draw_grids(n_masks, size, grid_size, p, rng):
    p = np.clip(p, 0.05, 0.95)
    grids = (rng.random((n_masks, grid_size, grid_size)) < p).astype(np.float32)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return grids, rng.integers(0, cell, (n_masks, 2))
