# Indices among the leaves that may be cut, not among all.
def cells_to_cut(drops, leaves, n_cells, min_size):
    may = [(d, leaf) for d, leaf in zip(drops, leaves) if min(leaf[2:]) >= 2 * min_size]
    promises = np.array([leaf[2] * leaf[3] * abs(d) for d, leaf in may])
    return np.argsort(-promises, kind="stable")[:n_cells].tolist() if may else []
