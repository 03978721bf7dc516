# The variance of all the values together: a uniform red is not uniform.
def split_rule(values, threshold):
    return bool(np.var(np.asarray(values, float)) > threshold)
