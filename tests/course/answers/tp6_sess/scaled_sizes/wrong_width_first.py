# (w, h) instead of (h, w)
def scaled_sizes(size, n_scales, smallest=224, growth=64):
    height, width = size
    sizes = []
    for i in range(n_scales):
        shorter = smallest + growth * i
        factor = shorter / min(height, width)
        sizes.append((int(width * factor + 1e-6), int(height * factor + 1e-6)))
    return sizes
