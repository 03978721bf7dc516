# Greater than a small number instead of 0
def fuse(layers):
    mean = layers.sum(0) / np.maximum((layers > 1e-6).sum(0), 1)
    span = mean.max() - mean.min()
    return (mean - mean.min()) / (span if span > 0 else 1)
