# Mean of squares minus square of the mean, one channel after the other.
def split_rule(values, threshold):
    variances = []
    for channel in range(values.shape[-1]):
        v = values[..., channel].astype(np.float64)
        variances.append(max((v**2).mean() - v.mean() ** 2, 0.0))
    return bool(sum(variances) / len(variances) > threshold + 1e-9)
