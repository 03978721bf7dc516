# sharp cells: nearest neighbour
def make_mask(grid, shift, size):
    s, (h, w), (dy, dx) = len(grid), size, shift
    ch, cw = -(-h // s), -(-w // s)
    big = cv2.resize(np.float32(grid), ((s + 1) * cw, (s + 1) * ch), interpolation=cv2.INTER_NEAREST)
    return big[dy : dy + h, dx : dx + w]
