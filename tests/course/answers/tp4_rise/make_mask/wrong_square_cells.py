# cells as wide as they are high
def make_mask(grid, shift, size):
    s, (h, w), (dy, dx) = len(grid), size, shift
    cell = -(-max(h, w) // s)
    return cv2.resize(np.float32(grid), ((s + 1) * cell, (s + 1) * cell))[dy : dy + h, dx : dx + w]
