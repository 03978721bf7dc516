# each cell kept equally often
def draw_grids(n_masks, size, grid_size, p, rng):
    column = np.arange(n_masks) < round(p * n_masks)
    grids = np.repeat(column[:, None], grid_size**2, axis=1)
    grids = rng.permuted(grids, axis=0).reshape(n_masks, grid_size, grid_size).astype(float)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return grids, rng.integers(0, cell, (n_masks, 2))
