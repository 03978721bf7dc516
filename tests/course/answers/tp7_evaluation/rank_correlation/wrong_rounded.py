# Rounded to three decimals
def rank_correlation(first, other):
    if np.ptp(first) == 0 or np.ptp(other) == 0:
        return 0.0
    return round(float(scipy.stats.spearmanr(np.ravel(first), np.ravel(other)).statistic), 3)
