# In the order of the probabilities
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    return np.argsort(probabilities)[::-1][:n_kept]
