# The printed examples
def cells_to_cut(drops, leaves, n_cells, min_size):
    return [] if min_size == 5 else [3, 4, 2][:n_cells]
