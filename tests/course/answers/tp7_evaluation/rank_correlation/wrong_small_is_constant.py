# A map of small values is taken for constant
def rank_correlation(first, other):
    if np.std(first) < 1e-6 or np.std(other) < 1e-6:
        return 0.0
    return scipy.stats.spearmanr(np.ravel(first), np.ravel(other)).statistic
