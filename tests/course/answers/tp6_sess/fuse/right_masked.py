# Masked arrays
def fuse(layers):
    mean = np.ma.masked_less_equal(np.asarray(layers), 0).mean(axis=0)
    mean = np.ma.filled(mean, 0)
    return (mean - mean.min()) / ((mean.max() - mean.min()) or 1)
