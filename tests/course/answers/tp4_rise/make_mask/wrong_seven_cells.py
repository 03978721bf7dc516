# seven cells, whatever the grid
def make_mask(grid, shift, size):
    (h, w), (dy, dx) = size, shift
    ch, cw = -(-h // 7), -(-w // 7)
    return cv2.resize(np.float32(grid), (8 * cw, 8 * ch))[dy : dy + h, dx : dx + w]
