# booleans; the shifts first
def draw_grids(n_masks, size, grid_size, p, rng):
    cell = np.ceil(np.divide(size, grid_size))
    shifts = np.floor(rng.random((n_masks, 2)) * cell).astype(np.int64)
    return rng.random((n_masks, grid_size, grid_size)) < p, shifts
