# Only a map of zeros is constant
def rank_correlation(first, other):
    if first.max() == 0 or other.max() == 0:
        return 0.0
    return scipy.stats.spearmanr(np.ravel(first), np.ravel(other)).statistic if np.ptp(first) else 0.0
