# Takes the image for a square.
def number_of_passes(size, patch_size, stride):
    rows = np.ceil((size[0] - patch_size) / stride) + 1
    return int(1 + rows**2)
