# One window too many
def pre_filter(probabilities, ratio):
    n_kept = int((1 - ratio) * len(probabilities)) + 1
    return np.sort(np.argsort(probabilities)[::-1][:n_kept])
