# Correlates the values, not their ranks.
def rank_correlation(first, other):
    if np.ptp(first) == 0 or np.ptp(other) == 0:
        return 0.0
    return np.corrcoef(np.ravel(first), np.ravel(other))[0, 1]
