# Never more than four levels
def quadtree(size, is_cut, min_size):
    def leaves_of(t, l, h, w, level=0):
        if level == 4 or min(h, w) < 2 * min_size or not is_cut(t, l, h, w):
            return [(t, l, h, w)]
        a, b = (h + 1) // 2, (w + 1) // 2
        quarters = [(t, l, a, b), (t, l + b, a, w - b), (t + a, l, h - a, b), (t + a, l + b, h - a, w - b)]
        return [leaf for quarter in quarters for leaf in leaves_of(*quarter, level + 1)]

    return leaves_of(0, 0, *size)
