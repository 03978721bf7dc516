def pre_filter(probabilities, ratio):
    n_kept = min(int(np.ceil((1 - ratio) * len(probabilities))), 1000)
    return np.sort(np.argsort(-probabilities, kind="stable")[:n_kept])
