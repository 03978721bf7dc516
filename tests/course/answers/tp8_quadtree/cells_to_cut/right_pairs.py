# Pairs of promise and index, sorted.
def cells_to_cut(drops, leaves, n_cells, min_size):
    pairs = []
    for i in range(len(leaves)):
        _, _, h, w = leaves[i]
        if h >= 2 * min_size and w >= 2 * min_size:
            pairs.append((-h * w * abs(float(drops[i])), i))
    return [i for _, i in sorted(pairs)[:n_cells]]
