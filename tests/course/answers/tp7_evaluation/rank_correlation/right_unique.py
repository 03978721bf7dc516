# Ranks by hand: each value's rank is the mean place of its equals.
def rank_correlation(first, other):
    def ranks(values):
        _, inverse, counts = np.unique(np.ravel(values), return_inverse=True, return_counts=True)
        return (np.cumsum(counts) - (counts - 1) / 2)[inverse.ravel()]

    r, s = ranks(first), ranks(other)
    return 0.0 if r.std() == 0 or s.std() == 0 else np.corrcoef(r, s)[0, 1]
