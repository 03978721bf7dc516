# The longer side is 224
def scaled_sizes(size, n_scales, smallest=224, growth=64):
    height, width = size
    sizes = []
    for i in range(n_scales):
        shorter = smallest + growth * i
        factor = shorter / max(height, width)
        sizes.append((int(height * factor + 1e-6), int(width * factor + 1e-6)))
    return sizes
