# Booleans instead of indices
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    return probabilities >= np.sort(probabilities)[-n_kept]
