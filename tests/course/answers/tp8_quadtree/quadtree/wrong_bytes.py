# a place beyond 255 does not fit into a byte
def quadtree(size, is_cut, min_size):
    leaves, cells = [], [(0, 0, *size)]
    while cells:
        top, left, height, width = cells.pop()
        if min(height, width) >= 2 * min_size and is_cut(top, left, height, width):
            rows = (top, -(-height // 2)), (top - (-height // 2), height // 2)
            columns = (left, -(-width // 2)), (left - (-width // 2), width // 2)
            cells += [(t, l, h, w) for t, h in rows for l, w in columns]
        else:
            leaves.append((top, left, height, width))
    return np.array(leaves).astype(np.uint8)
