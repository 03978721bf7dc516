# Prints the area instead of returning it.
def auc(probabilities):
    p = np.asarray(probabilities)
    print((p[1:] + p[:-1]).sum() / 2 / (len(p) - 1))
