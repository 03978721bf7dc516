# Only the first row
def window_corners(size, side=224, stride=224):
    return [(0, left) for left in [*range(0, size[1] - side, stride), size[1] - side]]
