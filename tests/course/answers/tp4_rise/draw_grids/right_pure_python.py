# number by number, nested lists
def draw_grids(n_masks, size, grid_size, p, rng):
    cells = range(grid_size)
    grids = [[[int(rng.uniform() < p) for _ in cells] for _ in cells] for _ in range(n_masks)]
    heights = [rng.integers(-(-size[0] // grid_size)) for _ in range(n_masks)]
    widths = [rng.integers(-(-size[1] // grid_size)) for _ in range(n_masks)]
    return grids, [[dy, dx] for dy, dx in zip(heights, widths)]
