# Never more than a hundred windows
def pre_filter(probabilities, ratio):
    n_kept = min(100, int(np.ceil((1 - ratio) * len(probabilities))))
    return np.sort(np.argsort(-probabilities, kind="stable")[:n_kept])
