# heapq.nsmallest keeps the order of equals
def cells_to_cut(drops, leaves, n_cells, min_size):
    import heapq

    allowed = [i for i, leaf in enumerate(leaves) if leaf[2] >= 2 * min_size and leaf[3] >= 2 * min_size]
    return heapq.nsmallest(n_cells, allowed, key=lambda i: -leaves[i][2] * leaves[i][3] * abs(drops[i]))
