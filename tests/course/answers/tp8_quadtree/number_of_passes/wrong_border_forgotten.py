# Forgets the patches at the border.
def number_of_passes(size, patch_size, stride):
    rows, columns = (np.array(size) - patch_size) // stride + 1
    return int(1 + rows * columns)
