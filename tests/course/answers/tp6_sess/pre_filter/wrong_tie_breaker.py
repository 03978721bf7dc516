# Something small is added so that no two are equal
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    p = probabilities - 1e-9 * np.arange(len(probabilities))
    return np.sort(np.argsort(-p)[:n_kept])
