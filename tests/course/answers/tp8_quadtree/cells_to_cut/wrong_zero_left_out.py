# Leaves without effect are never cut
def cells_to_cut(drops, leaves, n_cells, min_size):
    promises = [h * w * abs(d) for d, (_, _, h, w) in zip(drops, leaves)]
    allowed = [i for i, leaf in enumerate(leaves) if min(leaf[2:]) >= 2 * min_size and promises[i] > 0]
    return sorted(allowed, key=lambda i: -promises[i])[:n_cells]
