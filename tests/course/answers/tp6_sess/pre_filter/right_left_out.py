# Counts what is left out
def pre_filter(probabilities, ratio):
    left_out = int(np.floor(ratio * len(probabilities)))
    return np.sort(np.argsort(-probabilities, kind="stable")[: len(probabilities) - left_out])
