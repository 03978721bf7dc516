# Rounded half up, not always up
def pre_filter(probabilities, ratio):
    n = max(1, int((1 - ratio) * len(probabilities) + 0.5))
    return np.sort(np.argsort(-probabilities, kind="stable")[:n])
