# draws from the global generator
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = np.random.binomial(1, p, (n_masks, grid_size, grid_size)).astype(np.float32)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return grids, np.random.randint(0, cell, (n_masks, 2))
