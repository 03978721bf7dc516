# One level after the other, the leaves as lists.
def quadtree(size, is_cut, min_size):
    leaves, level = [], [[0, 0, size[0], size[1]]]
    while level:
        below = []
        for top, left, height, width in level:
            if height >= 2 * min_size and width >= 2 * min_size and is_cut(top, left, height, width):
                h, w = int(np.ceil(height / 2)), int(np.ceil(width / 2))
                below += [[top, left, h, w], [top, left + w, h, width - w]]
                below += [[top + h, left, height - h, w], [top + h, left + w, height - h, width - w]]
            else:
                leaves.append([top, left, height, width])
        level = below
    return leaves
