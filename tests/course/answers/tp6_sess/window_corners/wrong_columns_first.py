# Column by column
def window_corners(size, side=224, stride=224):
    tops, lefts = ([*range(0, length - side, stride), length - side] for length in size)
    return [(top, left) for left in lefts for top in tops]
