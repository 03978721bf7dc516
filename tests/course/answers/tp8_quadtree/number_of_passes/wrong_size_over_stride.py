# Divides the size by the stride.
def number_of_passes(size, patch_size, stride):
    rows, columns = np.ceil(np.array(size) / stride)
    return int(1 + rows * columns)
