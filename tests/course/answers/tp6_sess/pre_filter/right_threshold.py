# The lowest probability that is kept, as a threshold
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    return np.flatnonzero(probabilities >= np.sort(probabilities)[-n_kept])
