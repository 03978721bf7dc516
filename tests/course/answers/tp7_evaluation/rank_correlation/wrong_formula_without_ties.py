# The short formula, which holds without ties only.
def rank_correlation(first, other):
    r, s = scipy.stats.rankdata(np.ravel(first)), scipy.stats.rankdata(np.ravel(other))
    if r.std() == 0 or s.std() == 0:
        return 0.0
    n = r.size
    return 1 - 6 * ((r - s) ** 2).sum() / (n * (n**2 - 1))
