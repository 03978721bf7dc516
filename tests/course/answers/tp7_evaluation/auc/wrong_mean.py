# The mean of the points: the ends count as much as the others.
def auc(probabilities):
    return float(np.mean(probabilities))
