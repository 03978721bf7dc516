# A single window is returned as a pair, not as a list
def window_corners(size, side=224, stride=224):
    tops, lefts = ([*range(0, length - side, stride), length - side] for length in size)
    corners = [(top, left) for top in tops for left in lefts]
    return corners if len(corners) > 1 or side == 224 else corners[0]
