# with indices modulo the size
def jittered_gradient(gradient_of, x, shift):
    height, width = x.shape[:2]
    rows, columns = np.arange(height), np.arange(width)
    moved = x[(rows - shift[0]) % height][:, (columns - shift[1]) % width]
    g = np.asarray(gradient_of(moved))
    return g[(rows + shift[0]) % height][:, (columns + shift[1]) % width]
