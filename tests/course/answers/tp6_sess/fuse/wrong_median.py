# Median
def fuse(layers):
    mean = np.median(layers, axis=0)
    span = mean.max() - mean.min()
    return (mean - mean.min()) / (span if span > 0 else 1)
