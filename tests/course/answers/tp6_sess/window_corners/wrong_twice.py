# The last window comes twice where the size is a multiple
def window_corners(size, side=224, stride=224):
    tops, lefts = ([*range(0, length - side + 1, stride), length - side] for length in size)
    return [(top, left) for top in tops for left in lefts]
