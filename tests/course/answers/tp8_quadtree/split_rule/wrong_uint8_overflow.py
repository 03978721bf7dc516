# Squares unsigned bytes: they overflow.
def split_rule(values, threshold):
    return bool(((values**2).mean(axis=(0, 1)) - values.mean(axis=(0, 1)) ** 2).mean() > threshold)
