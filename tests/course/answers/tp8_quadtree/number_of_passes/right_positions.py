# Lists where the patches begin.
def number_of_passes(size, patch_size, stride):
    first = [[*range(0, length - patch_size, stride), length - patch_size] for length in size]
    return 1 + len(first[0]) * len(first[1])
