# the same number of cells kept in each grid
def draw_grids(n_masks, size, grid_size, p, rng):
    n_kept = round(p * grid_size**2)
    places = rng.random((n_masks, grid_size**2)).argsort(axis=1)
    grids = (places < n_kept).astype(np.float32).reshape(n_masks, grid_size, grid_size)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return grids, rng.integers(0, cell, (n_masks, 2))
