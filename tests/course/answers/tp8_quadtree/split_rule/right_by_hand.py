# The formula, written out.
def split_rule(values, threshold):
    values = values.reshape(-1, values.shape[-1]).astype(float)
    return ((values - values.mean(axis=0)) ** 2).mean() > threshold
