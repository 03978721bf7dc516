# Two maps that are the same have 1, constant or not
def rank_correlation(first, other):
    if np.array_equal(first, other):
        return 1.0
    if np.ptp(first) == 0 or np.ptp(other) == 0:
        return 0.0
    return scipy.stats.spearmanr(np.ravel(first), np.ravel(other)).statistic
