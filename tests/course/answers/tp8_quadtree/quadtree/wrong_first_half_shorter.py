# Of an odd side, the first half is the shorter one.
def quadtree(size, is_cut, min_size):
    def leaves_of(top, left, height, width):
        if min(height, width) < 2 * min_size or not is_cut(top, left, height, width):
            return [(top, left, height, width)]
        above, before = height // 2, width // 2
        return (
            leaves_of(top, left, above, before)
            + leaves_of(top, left + before, above, width - before)
            + leaves_of(top + above, left, height - above, before)
            + leaves_of(top + above, left + before, height - above, width - before)
        )

    return leaves_of(0, 0, *size)
