# No return
def scaled_sizes(size, n_scales, smallest=224, growth=64):
    sizes = [(smallest + growth * i, smallest + growth * i) for i in range(n_scales)]
