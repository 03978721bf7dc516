# Single precision: what differs by less is left open
def cells_to_cut(drops, leaves, n_cells, min_size):
    sizes = np.array([leaf[2:] for leaf in leaves])
    promises = sizes.prod(axis=1) * np.abs(np.asarray(drops, np.float32))
    allowed = np.flatnonzero(sizes.min(axis=1) >= 2 * min_size)
    return allowed[np.argsort(-promises[allowed], kind="stable")][:n_cells]
