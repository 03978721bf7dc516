# Mean of the squares over the sum
def fuse(layers):
    mean = (layers**2).sum(axis=0) / np.maximum(layers.sum(axis=0), 1e-12)
    span = mean.max() - mean.min()
    return (mean - mean.min()) / (span if span > 0 else 1)
