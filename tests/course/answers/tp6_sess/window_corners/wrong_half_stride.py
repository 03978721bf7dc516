# Always overlapping by half
def window_corners(size, side=224, stride=224):
    tops, lefts = ([*range(0, length - side, stride // 2), length - side] for length in size)
    return [(top, left) for top in tops for left in lefts]
