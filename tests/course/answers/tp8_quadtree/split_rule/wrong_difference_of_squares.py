# The mean square minus the squared mean, in single precision
def split_rule(values, threshold):
    v = values.astype(np.float32)
    return ((v**2).mean(axis=(0, 1)) - v.mean(axis=(0, 1)) ** 2).mean() > threshold
