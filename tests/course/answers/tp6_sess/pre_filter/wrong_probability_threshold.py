# Keeps what is more probable than r
def pre_filter(probabilities, ratio):
    return np.flatnonzero(probabilities > ratio)
