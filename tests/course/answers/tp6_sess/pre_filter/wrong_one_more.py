# One window too many
def pre_filter(scores, ratio):
    n_kept = int((1 - ratio) * len(scores)) + 1
    return np.sort(np.argsort(scores)[::-1][:n_kept])
