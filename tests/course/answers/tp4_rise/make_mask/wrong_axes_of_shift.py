# dx for the rows
def make_mask(grid, shift, size):
    s, (h, w), (dy, dx) = len(grid), size, shift
    ch, cw = -(-h // s), -(-w // s)
    big = cv2.resize(np.float32(grid), ((s + 1) * cw, (s + 1) * ch))
    big = np.pad(big, ((0, max(ch, cw)), (0, max(ch, cw))), mode="edge")
    return big[dx : dx + h, dy : dy + w]
