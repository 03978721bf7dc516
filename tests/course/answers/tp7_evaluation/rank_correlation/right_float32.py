# Single precision: what differs by less is left open
def rank_correlation(first, other):
    r = scipy.stats.rankdata(np.ravel(first).astype(np.float32))
    s = scipy.stats.rankdata(np.ravel(other).astype(np.float32))
    return 0.0 if np.ptp(r) == 0 or np.ptp(s) == 0 else np.corrcoef(r, s)[0, 1]
