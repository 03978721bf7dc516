# Ranks by counting what is smaller
def rank_correlation(first, other):
    def ranks(m):
        v = np.ravel(m)
        return (v[:, None] > v).sum(axis=1) + ((v[:, None] == v).sum(axis=1) - 1) / 2

    r, s = ranks(first), ranks(other)
    r, s = r - r.mean(), s - s.mean()
    below = np.sqrt((r @ r) * (s @ s))
    return float(r @ s / below) if below else 0
