# Rectangles from the right end of each step.
def auc(probabilities):
    return float(np.mean(probabilities[1:]))
