# Not whole pixels, and one size only
def scaled_sizes(size, n_scales, smallest=224, growth=64):
    height, width = size
    sizes = []
    for i in range(1):
        shorter = smallest + growth * i
        factor = shorter / min(height, width)
        sizes.append((height * factor, width * factor))
    return sizes
