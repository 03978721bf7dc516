# Counts what is left out
def pre_filter(scores, ratio):
    left_out = int(np.floor(ratio * len(scores)))
    return np.sort(np.argsort(scores)[left_out:])
