# each second grid is the opposite of another
def draw_grids(n_masks, size, grid_size, p, rng):
    half = (n_masks + 1) // 2
    u = rng.random((half, grid_size, grid_size))
    grids = (np.concatenate([u, 1 - u])[:n_masks] < p).astype(float)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    return grids, rng.integers(0, cell, (n_masks, 2))
