# the grid as uint8: no values between 0 and 1
def make_mask(grid, shift, size):
    s, (h, w), (dy, dx) = len(grid), size, shift
    ch, cw = -(-h // s), -(-w // s)
    return cv2.resize(np.uint8(grid), ((s + 1) * cw, (s + 1) * ch))[dy : dy + h, dx : dx + w]
