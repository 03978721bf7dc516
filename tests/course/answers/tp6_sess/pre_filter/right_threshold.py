# The lowest probability that is kept, as a threshold; of its equals the first
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    lowest = np.sort(probabilities)[-n_kept]
    above, equal = np.flatnonzero(probabilities > lowest), np.flatnonzero(probabilities == lowest)
    return np.sort(np.concatenate([above, equal[: n_kept - len(above)]]))
