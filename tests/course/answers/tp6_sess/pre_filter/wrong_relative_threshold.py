# Keeps what scores more than r times the best
def pre_filter(scores, ratio):
    return np.flatnonzero(scores >= ratio * scores.max())
