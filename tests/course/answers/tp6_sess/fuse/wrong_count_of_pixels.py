# Divided by the number of pixels of each layer instead of layers at each pixel
def fuse(layers):
    mean = (layers / np.maximum((layers > 0).sum(axis=(1, 2), keepdims=True), 1)).sum(axis=0)
    span = mean.max() - mean.min()
    return (mean - mean.min()) / (span if span > 0 else 1)
