# Lists of lists, numpy integers
def window_corners(size, side=224, stride=224):
    result = []
    for top in np.unique(np.minimum(np.arange(0, size[0] - side + stride, stride), size[0] - side)):
        for left in np.unique(np.minimum(np.arange(0, size[1] - side + stride, stride), size[1] - side)):
            result.append([top, left])
    return result
