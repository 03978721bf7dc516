# The largest variance of a channel instead of the mean.
def split_rule(values, threshold):
    return bool(np.asarray(values, float).var(axis=(0, 1)).max() > threshold)
