# Counts >= 0 instead of > 0
def fuse(layers):
    mean = layers.sum(axis=0) / (layers >= 0).sum(axis=0)
    span = mean.max() - mean.min()
    return (mean - mean.min()) / (span if span > 0 else 1)
