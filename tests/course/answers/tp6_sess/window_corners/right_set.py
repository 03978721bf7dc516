# Sorted set of places
def window_corners(size, side=224, stride=224):
    tops = sorted({min(top, size[0] - side) for top in range(0, size[0], stride)})
    lefts = sorted({min(left, size[1] - side) for left in range(0, size[1], stride)})
    return [(top, left) for top in tops for left in lefts]
