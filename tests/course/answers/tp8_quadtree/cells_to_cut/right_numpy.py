# With NumPy.
def cells_to_cut(drops, leaves, n_cells, min_size):
    sizes = np.array([leaf[2:] for leaf in leaves])
    promises = sizes.prod(axis=1) * np.abs(drops)
    promises[(sizes < 2 * min_size).any(axis=1)] = -1
    order = np.argsort(-promises, kind="stable")
    return [int(i) for i in order if promises[i] >= 0][:n_cells]
