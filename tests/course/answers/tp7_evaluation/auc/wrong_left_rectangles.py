# Rectangles from the left end of each step.
def auc(probabilities):
    return float(np.mean(probabilities[:-1]))
