# Keeps the cells that were cut among the leaves.
def quadtree(size, is_cut, min_size):
    def leaves_of(top, left, height, width):
        if min(height, width) < 2 * min_size or not is_cut(top, left, height, width):
            return [(top, left, height, width)]
        above, before = (height + 1) // 2, (width + 1) // 2
        return (
            [(top, left, height, width)]
            + leaves_of(top, left, above, before)
            + leaves_of(top, left + before, above, width - before)
            + leaves_of(top + above, left, height - above, before)
            + leaves_of(top + above, left + before, height - above, width - before)
        )

    return leaves_of(0, 0, *size)
