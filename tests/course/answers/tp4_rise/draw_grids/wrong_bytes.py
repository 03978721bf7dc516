# a shift of more than 255 pixels does not fit into a byte
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = (rng.random((n_masks, grid_size, grid_size)) < p).astype(np.float32)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return grids, rng.integers(0, cell, (n_masks, 2)).astype(np.uint8)
