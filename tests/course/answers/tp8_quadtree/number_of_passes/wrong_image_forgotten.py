# Forgets the whole image.
def number_of_passes(size, patch_size, stride):
    rows, columns = np.ceil((np.array(size) - patch_size) / stride) + 1
    return int(rows * columns)
