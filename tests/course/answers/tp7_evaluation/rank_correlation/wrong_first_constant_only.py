# Only the first map may be constant
def rank_correlation(first, other):
    if np.ptp(first) == 0:
        return 0.0
    return scipy.stats.spearmanr(np.ravel(first), np.ravel(other)).statistic
