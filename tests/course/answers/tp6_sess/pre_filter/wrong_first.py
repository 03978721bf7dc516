# The first windows
def pre_filter(scores, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(scores)))
    return np.arange(n_kept)
