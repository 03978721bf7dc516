# Flat when the maximum is 0
def fuse(layers):
    mean = layers.sum(0) / np.maximum((layers > 0).sum(0), 1)
    if mean.max() == 0:
        return mean
    return (mean - mean.min()) / (mean.max() - mean.min())
