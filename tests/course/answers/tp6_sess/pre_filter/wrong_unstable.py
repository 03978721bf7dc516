# A sort that does not keep the order of equals
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    return np.sort(np.argsort(-probabilities)[:n_kept])
