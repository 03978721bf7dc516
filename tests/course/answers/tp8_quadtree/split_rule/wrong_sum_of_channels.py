# The sum over the channels instead of their mean.
def split_rule(values, threshold):
    return bool(np.asarray(values, float).var(axis=(0, 1)).sum() > threshold)
