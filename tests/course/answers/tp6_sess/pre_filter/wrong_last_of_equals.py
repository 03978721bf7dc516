# Of equal windows, the last ones
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    return np.sort(np.argsort(probabilities, kind="stable")[::-1][:n_kept])
