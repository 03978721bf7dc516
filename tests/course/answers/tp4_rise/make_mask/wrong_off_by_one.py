# the window one pixel too far
def make_mask(grid, shift, size):
    s, (h, w), (dy, dx) = len(grid), size, shift
    ch, cw = -(-h // s), -(-w // s)
    big = cv2.resize(np.float32(grid), ((s + 1) * cw, (s + 1) * ch))
    return big[dy + 1 : dy + 1 + h, dx + 1 : dx + 1 + w]
