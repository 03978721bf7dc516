# Compares the standard deviation.
def split_rule(values, threshold):
    return bool(np.asarray(values, float).std(axis=(0, 1)).mean() > threshold)
