# Takes the variance along the rows only.
def split_rule(values, threshold):
    return bool(np.asarray(values, float).var(axis=0).mean() > threshold)
