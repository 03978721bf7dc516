# Half precision rounds
def make_mask(grid, shift, size):
    (dy, dx), (h, w), s = shift, size, len(grid)
    c_h, c_w = int(np.ceil(h / s)), int(np.ceil(w / s))
    big = cv2.resize(np.float32(grid), ((s + 1) * c_w, (s + 1) * c_h), interpolation=cv2.INTER_LINEAR)
    return big[dy : dy + h, dx : dx + w].astype(np.float16)
