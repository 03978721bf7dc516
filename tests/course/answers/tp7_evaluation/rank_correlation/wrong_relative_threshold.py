# What is small beside the largest value is 0
def rank_correlation(first, other):
    r, s = (
        scipy.stats.rankdata(np.where(np.abs(m) < 1e-5 * np.abs(m).max(), 0, m), axis=None) for m in (first, other)
    )
    return np.corrcoef(r, s)[0, 1] if np.ptp(r) and np.ptp(s) else 0.0
