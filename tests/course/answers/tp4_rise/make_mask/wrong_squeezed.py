# An image of one row loses its axis
def make_mask(grid, shift, size):
    cells = len(grid)
    height, width = (-(-side // cells) for side in size)
    enlarged = cv2.resize(np.float32(grid), ((cells + 1) * width, (cells + 1) * height))
    return np.squeeze(enlarged[shift[0] : shift[0] + size[0], shift[1] : shift[1] + size[1]])
