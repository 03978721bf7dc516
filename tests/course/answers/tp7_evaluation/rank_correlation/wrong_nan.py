# Leaves NaN for a constant map.
def rank_correlation(first, other):
    r, s = scipy.stats.rankdata(np.ravel(first)), scipy.stats.rankdata(np.ravel(other))
    return np.corrcoef(r, s)[0, 1]
