# Cuts once, without recursion.
def quadtree(size, is_cut, min_size):
    height, width = size
    if min(height, width) < 2 * min_size or not is_cut(0, 0, height, width):
        return [(0, 0, height, width)]
    h, w = (height + 1) // 2, (width + 1) // 2
    return [(0, 0, h, w), (0, w, h, width - w), (h, 0, height - h, w), (h, w, height - h, width - w)]
