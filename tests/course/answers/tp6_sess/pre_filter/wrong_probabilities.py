# Probabilities instead of indices
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    return np.sort(probabilities)[::-1][:n_kept]
