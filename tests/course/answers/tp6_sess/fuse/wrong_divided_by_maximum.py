# Divided by the maximum, the minimum left
def fuse(layers):
    mean = layers.sum(axis=0) / np.maximum((layers > 0).sum(axis=0), 1)
    return mean / max(mean.max(), 1e-12)
