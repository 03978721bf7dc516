# No variance at all when the range is small
def split_rule(values, threshold):
    if np.ptp(values) < 2:
        return False
    return bool(np.asarray(values, float).var(axis=(0, 1)).mean() > threshold)
