# Scores instead of indices
def pre_filter(scores, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(scores)))
    return np.sort(scores)[::-1][:n_kept]
