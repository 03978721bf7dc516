# Three channels taken for granted
def split_rule(values, threshold):
    return bool(np.asarray(values, float).var(axis=(0, 1)).sum() / min(3, values.shape[2]) > threshold)
