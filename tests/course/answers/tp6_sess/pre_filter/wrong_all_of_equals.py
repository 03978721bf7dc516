# A threshold: of equal windows, all
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    return np.flatnonzero(probabilities >= np.sort(probabilities)[-n_kept])
