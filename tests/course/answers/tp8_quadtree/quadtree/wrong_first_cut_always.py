# The whole image is always cut
def quadtree(size, is_cut, min_size):
    def leaves_of(t, l, h, w):
        whole = (h, w) == tuple(size) and h > 8
        if min(h, w) < 2 * min_size or not (whole or is_cut(t, l, h, w)):
            return [(t, l, h, w)]
        a, b = (h + 1) // 2, (w + 1) // 2
        return leaves_of(t, l, a, b) + leaves_of(t, l + b, a, w - b) + leaves_of(t + a, l, h - a, b) + leaves_of(t + a, l + b, h - a, w - b)

    return leaves_of(0, 0, *size)
