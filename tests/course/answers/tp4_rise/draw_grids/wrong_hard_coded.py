# numbers of the right shape and kind
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = np.zeros((n_masks, grid_size, grid_size))
    grids[0] = 1
    return grids, np.zeros((n_masks, 2), int)
