# Only the first row
def window_corners(size, side=224, step=224):
    return [(0, left) for left in [*range(0, size[1] - side, step), size[1] - side]]
