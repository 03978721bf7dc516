# Divides by the first probability.
def auc(probabilities):
    p = np.asarray(probabilities)
    return float((p[1:] + p[:-1]).sum() / 2 / (len(p) - 1) / max(p[0], 1e-9))
