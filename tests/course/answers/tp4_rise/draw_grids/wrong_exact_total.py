# the share p of all cells of all grids together, exactly, in random order
def draw_grids(n_masks, size, grid_size, p, rng):
    n_cells = n_masks * grid_size**2
    kept = rng.permutation(np.arange(n_cells) < round(p * n_cells))
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return kept.reshape(n_masks, grid_size, grid_size), rng.integers(0, cell, (n_masks, 2))
