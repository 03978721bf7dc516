# Keeps what scores more than r
def pre_filter(scores, ratio):
    return np.flatnonzero(scores > ratio)
