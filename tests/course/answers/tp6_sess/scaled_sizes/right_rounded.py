# Rounded to the nearest instead of down: a pixel more or less
def scaled_sizes(size, n_scales, smallest=224, growth=64):
    height, width = size
    sizes = []
    for i in range(n_scales):
        shorter = smallest + growth * i
        factor = shorter / min(height, width)
        sizes.append((round(height * factor), round(width * factor)))
    return sizes
