# Cuts when the variance equals the threshold: constant cells are cut for ever.
def split_rule(values, threshold):
    return bool(np.asarray(values, float).var(axis=(0, 1)).mean() >= threshold)
