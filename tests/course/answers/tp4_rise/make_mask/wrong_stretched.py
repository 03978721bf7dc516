# stretched until it reaches 0 and 1
def make_mask(grid, shift, size):
    s, (h, w), (dy, dx) = len(grid), size, shift
    ch, cw = -(-h // s), -(-w // s)
    mask = cv2.resize(np.float32(grid), ((s + 1) * cw, (s + 1) * ch))[dy : dy + h, dx : dx + w]
    return (mask - mask.min()) / (mask.max() - mask.min()) if np.ptp(mask) else mask
