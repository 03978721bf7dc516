# The default stride, whatever is asked for, when it is above half of the side
def window_corners(size, side=224, stride=224):
    if 2 * stride > side:
        stride = side
    tops, lefts = ([*range(0, length - side, stride), length - side] for length in size)
    return [(top, left) for top in tops for left in lefts]
