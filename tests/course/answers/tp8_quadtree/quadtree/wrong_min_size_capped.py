# min_size is never below 2
def quadtree(size, is_cut, min_size):
    min_size = max(min_size, 2)

    def leaves_of(t, l, h, w):
        if min(h, w) < 2 * min_size or not is_cut(t, l, h, w):
            return [(t, l, h, w)]
        a, b = (h + 1) // 2, (w + 1) // 2
        return leaves_of(t, l, a, b) + leaves_of(t, l + b, a, w - b) + leaves_of(t + a, l, h - a, b) + leaves_of(t + a, l + b, h - a, w - b)

    return leaves_of(0, 0, *size)
