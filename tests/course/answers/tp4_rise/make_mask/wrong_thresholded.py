# brought back to 0 and 1
def make_mask(grid, shift, size):
    s, (h, w), (dy, dx) = len(grid), size, shift
    ch, cw = -(-h // s), -(-w // s)
    big = cv2.resize(np.float32(grid), ((s + 1) * cw, (s + 1) * ch))[dy : dy + h, dx : dx + w]
    return (big > 0.5).astype(np.float32)
