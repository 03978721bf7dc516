# Leaves out the absolute value.
def cells_to_cut(drops, leaves, n_cells, min_size):
    sizes = np.array([leaf[2:] for leaf in leaves])
    promises = sizes.prod(axis=1) * np.asarray(drops)
    promises[(sizes < 2 * min_size).any(axis=1)] = -np.inf
    order = np.argsort(-promises, kind="stable")
    return [int(i) for i in order if promises[i] > -np.inf][:n_cells]
