# cv2.resize with the height first
def make_mask(grid, shift, size):
    s, (h, w), (dy, dx) = len(grid), size, shift
    ch, cw = -(-h // s), -(-w // s)
    return cv2.resize(np.float32(grid), ((s + 1) * ch, (s + 1) * cw))[dy : dy + h, dx : dx + w]
