# Maximum
def fuse(layers):
    mean = layers.max(axis=0)
    span = mean.max() - mean.min()
    return (mean - mean.min()) / (span if span > 0 else 1)
