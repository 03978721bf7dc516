# Divides by n - 1
def split_rule(values, threshold):
    if values.shape[0] * values.shape[1] == 1:
        return False
    return bool(np.asarray(values, float).var(axis=(0, 1), ddof=1).mean() > threshold)
