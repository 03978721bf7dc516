# Equal values take the smallest of their ranks
def rank_correlation(first, other):
    r = scipy.stats.rankdata(np.ravel(first), method="min")
    s = scipy.stats.rankdata(np.ravel(other), method="min")
    return 0.0 if np.ptp(r) == 0 or np.ptp(s) == 0 else np.corrcoef(r, s)[0, 1]
