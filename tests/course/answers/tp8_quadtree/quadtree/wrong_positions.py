# Gives the rule the place of each quarter in its parent instead of in the image.
def quadtree(size, is_cut, min_size):
    def leaves_of(top, left, height, width):
        if min(height, width) < 2 * min_size or not is_cut(top, left, height, width):
            return [(top, left, height, width)]
        h, w = (height + 1) // 2, (width + 1) // 2
        quarters = [(0, 0, h, w), (0, w, h, width - w), (h, 0, height - h, w), (h, w, height - h, width - w)]
        return [leaf for quarter in quarters for leaf in leaves_of(*quarter)]

    return leaves_of(0, 0, *size)
