# Something small is added so that no two are equal
def cells_to_cut(drops, leaves, n_cells, min_size):
    promises = [h * w * abs(d) - 1e-9 * i for i, (d, (_, _, h, w)) in enumerate(zip(drops, leaves))]
    allowed = [i for i, leaf in enumerate(leaves) if min(leaf[2:]) >= 2 * min_size]
    return sorted(allowed, key=lambda i: -promises[i])[:n_cells]
