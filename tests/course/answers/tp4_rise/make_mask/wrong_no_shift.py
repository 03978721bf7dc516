# forgets the shift
def make_mask(grid, shift, size):
    s, (h, w) = len(grid), size
    ch, cw = -(-h // s), -(-w // s)
    return cv2.resize(np.float32(grid), ((s + 1) * cw, (s + 1) * ch))[:h, :w]
