# Ranks by two argsorts: equal values get different ranks.
def rank_correlation(first, other):
    if np.ptp(first) == 0 or np.ptp(other) == 0:
        return 0.0
    r, s = (np.argsort(np.argsort(np.ravel(values), kind="stable")) for values in (first, other))
    return np.corrcoef(r, s)[0, 1]
