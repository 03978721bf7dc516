# Takes the order of the pixels for their ranks.
def rank_correlation(first, other):
    if np.ptp(first) == 0 or np.ptp(other) == 0:
        return 0.0
    return np.corrcoef(np.argsort(np.ravel(first)), np.argsort(np.ravel(other)))[0, 1]
