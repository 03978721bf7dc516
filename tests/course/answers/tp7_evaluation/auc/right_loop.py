# Adds up the trapezoids one by one.
def auc(probabilities):
    n = len(probabilities) - 1
    return sum((float(probabilities[k]) + float(probabilities[k + 1])) / 2 for k in range(n)) / n
