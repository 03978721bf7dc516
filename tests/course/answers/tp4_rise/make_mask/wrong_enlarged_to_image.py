# enlarged to the image itself, then moved round the border
def make_mask(grid, shift, size):
    mask = cv2.resize(np.float32(grid), (size[1], size[0]))
    return np.roll(mask, (-shift[0], -shift[1]), axis=(0, 1))
