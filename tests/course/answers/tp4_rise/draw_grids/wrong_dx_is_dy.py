# the same fraction of the cell both ways
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = (rng.random((n_masks, grid_size, grid_size)) < p).astype(np.float32)
    cell = np.array([-(-size[0] // grid_size), -(-size[1] // grid_size)])
    return grids, np.floor(rng.random((n_masks, 1)) * cell).astype(int)
