# Something small is added to the threshold
def split_rule(values, threshold):
    return bool(np.asarray(values, float).var(axis=(0, 1)).mean() > threshold + 1e-6)
