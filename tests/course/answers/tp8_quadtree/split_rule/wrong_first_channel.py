# Looks at the first channel only.
def split_rule(values, threshold):
    return bool(np.asarray(values, float)[..., 0].var() > threshold)
