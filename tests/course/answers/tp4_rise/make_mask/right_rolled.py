# the window in the middle, after moving the whole
def make_mask(grid, shift, size):
    s, (h, w), (dy, dx) = len(grid), size, shift
    ch, cw = -(-h // s), -(-w // s)
    big = cv2.resize(np.float32(grid), ((s + 1) * cw, (s + 1) * ch))
    top, left = (big.shape[0] - h) // 2, (big.shape[1] - w) // 2
    return np.roll(big, (top - dy, left - dx), axis=(0, 1))[top : top + h, left : left + w]
