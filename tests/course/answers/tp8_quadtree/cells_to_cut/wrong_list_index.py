# list.index finds the first of equals again and again
def cells_to_cut(drops, leaves, n_cells, min_size):
    promises = [h * w * abs(d) if min(h, w) >= 2 * min_size else -1 for d, (_, _, h, w) in zip(drops, leaves)]
    return [promises.index(p) for p in sorted(promises, reverse=True) if p >= 0][:n_cells]
