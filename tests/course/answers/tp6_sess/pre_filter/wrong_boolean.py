# Booleans instead of indices
def pre_filter(scores, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(scores)))
    return scores >= np.sort(scores)[-n_kept]
