# cv2.resize does it
def upsample(grid, size):
    import cv2

    grid = np.asarray(grid, np.float32)
    return cv2.resize(grid, size[::-1]).reshape(*size, *grid.shape[2:])
