# A generator
def quadtree(size, is_cut, min_size):
    def leaves_of(t, l, h, w):
        if h >= 2 * min_size and w >= 2 * min_size and is_cut(t, l, h, w):
            for top, height in ((t, h - h // 2), (t + h - h // 2, h // 2)):
                for left, width in ((l, w - w // 2), (l + w - w // 2, w // 2)):
                    yield from leaves_of(top, left, height, width)
        else:
            yield t, l, h, w

    return list(leaves_of(0, 0, size[0], size[1]))
