# min_size capped
def cells_to_cut(drops, leaves, n_cells, min_size):
    able = [i for i, (_, _, h, w) in enumerate(leaves) if min(h, w) >= 2 * min(min_size, 10)]
    return sorted(able, key=lambda i: -leaves[i][2] * leaves[i][3] * abs(drops[i]))[:n_cells]
