# Sorts the map that it is given
def rank_correlation(first, other):
    value = 0.0
    if np.ptp(first) and np.ptp(other):
        value = scipy.stats.spearmanr(np.ravel(first), np.ravel(other)).statistic
    other.sort(axis=None) if other.ndim == 1 else other.sort()
    return value
