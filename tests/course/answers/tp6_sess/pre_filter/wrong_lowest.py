# Keeps the lowest scores
def pre_filter(scores, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(scores)))
    return np.sort(np.argsort(scores)[:n_kept])
