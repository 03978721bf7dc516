# s cells instead of s + 1: the window runs over the border
def make_mask(grid, shift, size):
    s, (h, w), (dy, dx) = len(grid), size, shift
    ch, cw = -(-h // s), -(-w // s)
    return cv2.resize(np.float32(grid), (s * cw, s * ch))[dy : dy + h, dx : dx + w]
