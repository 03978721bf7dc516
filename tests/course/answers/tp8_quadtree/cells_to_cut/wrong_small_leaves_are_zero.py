# The promise of small leaves is 0, as that of leaves without effect
def cells_to_cut(drops, leaves, n_cells, min_size):
    area = np.array([height * width for _, _, height, width in leaves])
    allowed = np.array([min(leaf[2:]) >= 2 * min_size for leaf in leaves])
    order = np.argsort(-np.abs(drops) * area * allowed, kind="stable")
    return order[: min(n_cells, allowed.sum())]
