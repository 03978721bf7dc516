# Keeps r instead of 1 - r
def pre_filter(scores, ratio):
    n_kept = int(np.ceil(ratio * len(scores)))
    return np.sort(np.argsort(scores)[::-1][:n_kept])
