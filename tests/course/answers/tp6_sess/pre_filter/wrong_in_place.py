# Sorts the probabilities that it is given
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    best = np.sort(np.argsort(-probabilities, kind="stable")[:n_kept])
    probabilities.sort()
    return best
