# Keeps r instead of 1 - r
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil(ratio * len(probabilities)))
    return np.sort(np.argsort(probabilities)[::-1][:n_kept])
