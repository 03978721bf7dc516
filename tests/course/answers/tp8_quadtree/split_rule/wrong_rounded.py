# Variance rounded to three decimals
def split_rule(values, threshold):
    return bool(round(float(np.asarray(values, float).var(axis=(0, 1)).mean()), 3) > threshold)
