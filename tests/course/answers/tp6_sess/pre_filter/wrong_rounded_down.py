# Rounded down
def pre_filter(probabilities, ratio):
    n_kept = int((1 - ratio) * len(probabilities))
    return np.sort(np.argsort(probabilities)[::-1][:n_kept])
