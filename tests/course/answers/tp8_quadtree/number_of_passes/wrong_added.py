# Adds rows and columns.
def number_of_passes(size, patch_size, stride):
    rows, columns = np.ceil((np.array(size) - patch_size) / stride) + 1
    return int(1 + rows + columns)
