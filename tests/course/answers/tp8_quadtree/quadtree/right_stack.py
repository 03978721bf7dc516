# A stack of cells instead of recursion.
def quadtree(size, is_cut, min_size):
    leaves, cells = [], [(0, 0, size[0], size[1])]
    while cells:
        top, left, height, width = cells.pop()
        if height < 2 * min_size or width < 2 * min_size or not is_cut(top, left, height, width):
            leaves.append((top, left, height, width))
            continue
        rows = [(top, height - height // 2), (top + height - height // 2, height // 2)]
        columns = [(left, width - width // 2), (left + width - width // 2, width // 2)]
        cells += [(t, l, h, w) for t, h in rows for l, w in columns]
    return leaves
