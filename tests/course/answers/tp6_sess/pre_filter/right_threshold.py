# The lowest score that is kept, as a threshold
def pre_filter(scores, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(scores)))
    return np.flatnonzero(scores >= np.sort(scores)[-n_kept])
