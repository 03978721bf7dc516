# NaN for what does not count, nanmean
def fuse(layers):
    mean = np.zeros(layers.shape[1:])
    said = (layers > 0).any(axis=0)
    mean[said] = np.nanmean(np.where(layers > 0, layers, np.nan)[:, said], axis=0)
    mean = mean - mean.min()
    return mean / mean.max() if mean.max() > 0 else mean
