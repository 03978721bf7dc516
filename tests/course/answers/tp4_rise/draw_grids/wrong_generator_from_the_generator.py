# a second generator, seeded with the one that is given
def draw_grids(n_masks, size, grid_size, p, rng):
    grids = (rng.random((n_masks, grid_size, grid_size)) < p).astype(np.float32)
    cell = -(-size[0] // grid_size), -(-size[1] // grid_size)
    other = np.random.default_rng(rng.integers(2**31))
    return grids, other.integers(0, cell, (n_masks, 2))
