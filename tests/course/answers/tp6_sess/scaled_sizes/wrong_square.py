# Proportions not kept
def scaled_sizes(size, n_scales, smallest=224, growth=64):
    height, width = size
    sizes = []
    for i in range(n_scales):
        shorter = smallest + growth * i
        factor = shorter / min(height, width)
        sizes.append((shorter, shorter))
    return sizes
