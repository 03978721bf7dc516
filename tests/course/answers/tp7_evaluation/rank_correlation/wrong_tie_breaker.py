# Something small is added so that no two are equal
def rank_correlation(first, other):
    if np.ptp(first) == 0 or np.ptp(other) == 0:
        return 0.0
    more = 1e-12 * np.arange(first.size)
    return scipy.stats.spearmanr(np.ravel(first) + more, np.ravel(other) + more).statistic
