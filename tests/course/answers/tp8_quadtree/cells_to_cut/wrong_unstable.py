# A sort that does not keep the order of equals
def cells_to_cut(drops, leaves, n_cells, min_size):
    promises = np.array([h * w * abs(d) if min(h, w) >= 2 * min_size else -1 for d, (_, _, h, w) in zip(drops, leaves)])
    return [int(i) for i in np.argsort(-promises) if promises[i] >= 0][:n_cells]
