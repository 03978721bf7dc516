# mask by mask, lists
def draw_grids(n_masks, size, grid_size, p, rng):
    grids, shifts = [], []
    for _ in range(n_masks):
        grids.append(rng.choice([0.0, 1.0], size=(grid_size, grid_size), p=[1 - p, p]))
        shifts.append([int(rng.random() * ((side + grid_size - 1) // grid_size)) for side in size])
    return np.array(grids), np.array(shifts)
