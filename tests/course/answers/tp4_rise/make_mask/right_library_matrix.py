# the mirrored border of the paper, matrices
def make_mask(grid, shift, size):
    rows = tpv.saliency.upsampling(size[0], len(grid))[shift[0] : shift[0] + size[0]]
    columns = tpv.saliency.upsampling(size[1], len(grid))[shift[1] : shift[1] + size[1]]
    return rows @ np.asarray(grid) @ columns.T
