# Halves both parts: the last row and column of an odd side are lost.
def quadtree(size, is_cut, min_size):
    def leaves_of(top, left, height, width):
        if min(height, width) < 2 * min_size or not is_cut(top, left, height, width):
            return [(top, left, height, width)]
        above, before = height // 2, width // 2
        return (
            leaves_of(top, left, above, before)
            + leaves_of(top, left + before, above, before)
            + leaves_of(top + above, left, above, before)
            + leaves_of(top + above, left + before, above, before)
        )

    return leaves_of(0, 0, *size)
