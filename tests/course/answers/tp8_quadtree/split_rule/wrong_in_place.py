# Takes the mean away from the values that it is given
def split_rule(values, threshold):
    if values.dtype == np.uint8:
        values = values.astype(float)
    values -= values.mean(axis=(0, 1))
    return bool((values**2).mean() > threshold)
