# Steps of width 1 instead of 1/n.
def auc(probabilities):
    p = np.asarray(probabilities)
    return float((p[1:] + p[:-1]).sum() / 2)
