# Single precision
def split_rule(values, threshold):
    values = values.astype(np.float32)
    return np.mean((values - values.mean(axis=(0, 1))) ** 2) > threshold
