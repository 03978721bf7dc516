# Begins with the second size
def scaled_sizes(size, n_scales, smallest=224, growth=64):
    height, width = size
    sizes = []
    for i in range(n_scales):
        shorter = smallest + growth * (i + 1)
        factor = shorter / min(height, width)
        sizes.append((int(height * factor + 1e-6), int(width * factor + 1e-6)))
    return sizes
