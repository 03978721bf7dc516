# The last window ends one pixel before the border
def window_corners(size, side=224, stride=224):
    tops, lefts = ([*range(0, length - side, stride), length - side - 1] for length in size)
    return [(top, left) for top in tops for left in lefts]
