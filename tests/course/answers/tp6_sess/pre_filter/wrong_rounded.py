# Probabilities rounded to three decimals first
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    return np.sort(np.argsort(-np.round(probabilities, 3), kind="stable")[:n_kept])
