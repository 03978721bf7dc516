# The number of windows first, an array returned
def window_corners(size, side=224, stride=224):
    def starts(length):
        n = int(np.ceil((length - side) / stride)) + 1
        return np.minimum(np.arange(n) * stride, length - side)

    return np.array([(top, left) for top in starts(size[0]) for left in starts(size[1])])
