# Mean over the last axis
def fuse(layers):
    mean = layers.sum(axis=-1) / np.maximum((layers > 0).sum(axis=-1), 1)
    span = mean.max() - mean.min()
    return (mean - mean.min()) / (span if span > 0 else 1)
