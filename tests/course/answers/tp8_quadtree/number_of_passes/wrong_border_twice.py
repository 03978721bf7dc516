# Always adds a patch at the border, even where the last one ends there.
def number_of_passes(size, patch_size, stride):
    rows, columns = (np.array(size) - patch_size) // stride + 2
    return int(1 + rows * columns)
