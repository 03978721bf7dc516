# A single layer is returned as it is
def fuse(layers):
    if len(layers) == 1:
        return layers[0]
    mean = layers.sum(0) / np.maximum((layers > 0).sum(0), 1)
    span = mean.max() - mean.min()
    return (mean - mean.min()) / (span if span > 0 else 1)
