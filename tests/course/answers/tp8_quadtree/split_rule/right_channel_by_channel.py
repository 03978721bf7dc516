# One channel after the other
def split_rule(values, threshold):
    variances = []
    for channel in range(values.shape[-1]):
        v = values[..., channel].astype(np.float64)
        variances.append(((v - v.mean()) ** 2).mean())
    return bool(sum(variances) / len(variances) > threshold)
