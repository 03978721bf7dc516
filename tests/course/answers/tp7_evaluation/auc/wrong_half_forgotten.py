# Forgets the half in the trapezoids.
def auc(probabilities):
    p = np.asarray(probabilities)
    return float((p[1:] + p[:-1]).sum() / (len(p) - 1))
