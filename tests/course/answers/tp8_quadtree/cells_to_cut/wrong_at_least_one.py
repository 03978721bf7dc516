# One cell at least
def cells_to_cut(drops, leaves, n_cells, min_size):
    promises = [h * w * abs(d) for d, (_, _, h, w) in zip(drops, leaves)]
    allowed = [i for i, leaf in enumerate(leaves) if min(leaf[2:]) >= 2 * min_size]
    return sorted(allowed, key=lambda i: -promises[i])[: max(n_cells, 1)]
