# rounding gives a flat map a standard deviation that is not 0, and then NaN
def fuse(layers):
    mean = layers.sum(axis=0) / np.maximum((layers > 0).sum(axis=0), 1)
    if mean.std() == 0:
        return np.zeros(mean.shape)
    return (mean - mean.min()) / (mean.max() - mean.min())
