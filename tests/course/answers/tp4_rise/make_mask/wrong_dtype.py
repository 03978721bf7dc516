# OpenCV in the type of the grid
def make_mask(grid, shift, size):
    s, (h, w), (dy, dx) = len(grid), size, shift
    ch, cw = -(-h // s), -(-w // s)
    return cv2.resize(grid, ((s + 1) * cw, (s + 1) * ch))[dy : dy + h, dx : dx + w]
