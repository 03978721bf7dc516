# scikit-image's resize with its reflecting border
from skimage.transform import resize


def make_mask(grid, shift, size):
    cells = len(grid)
    cell = np.ceil(np.array(size) / cells).astype(int)
    big = resize(np.array(grid, float), (cells + 1) * cell, order=1, mode="reflect", anti_aliasing=False)
    return big[shift[0] :, shift[1] :][: size[0], : size[1]]
