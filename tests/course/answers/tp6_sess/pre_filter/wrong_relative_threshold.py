# Keeps what is more probable than r times the best
def pre_filter(probabilities, ratio):
    return np.flatnonzero(probabilities >= ratio * probabilities.max())
