# The standard library's variance
import statistics


def split_rule(values, threshold):
    channels = np.asarray(values, float).reshape(-1, values.shape[-1]).T.tolist()
    return statistics.fmean(statistics.pvariance(c) for c in channels) > threshold
