# Spread evenly instead of moved back
def window_corners(size, side=224, stride=224):
    def starts(length):
        n = -(-(length - side) // stride) + 1
        return np.linspace(0, length - side, n) if n > 3 else [min(i * stride, length - side) for i in range(n)]

    return [(top, left) for top in starts(size[0]) for left in starts(size[1])]
