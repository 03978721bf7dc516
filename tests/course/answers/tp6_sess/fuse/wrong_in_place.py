# Writes NaN into the layers
def fuse(layers):
    layers[layers <= 0] = np.nan
    mean = np.nan_to_num(np.nanmean(layers, axis=0))
    span = mean.max() - mean.min()
    return (mean - mean.min()) / (span if span > 0 else 1)
