# Steps of width 1/(n + 1).
def auc(probabilities):
    p = np.asarray(probabilities)
    return float((p[1:] + p[:-1]).sum() / 2 / len(p))
