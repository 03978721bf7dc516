# In the order of the scores
def pre_filter(scores, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(scores)))
    return np.argsort(scores)[::-1][:n_kept]
