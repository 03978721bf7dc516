# Averages the channels first.
def split_rule(values, threshold):
    return bool(np.asarray(values, float).mean(axis=-1).var() > threshold)
