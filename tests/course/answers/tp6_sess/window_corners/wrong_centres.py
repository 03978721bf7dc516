# Centres instead of corners
def window_corners(size, side=224, stride=224):
    tops, lefts = ([*range(0, length - side, stride), length - side] for length in size)
    return [(top + side // 2, left + side // 2) for top in tops for left in lefts]
