# p rounded to one decimal
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = (rng.random((n_masks, grid_size, grid_size)) < round(p, 1)).astype(float)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return grids, rng.integers(0, cell, (n_masks, 2))
