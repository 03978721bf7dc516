# a sum in pure Python
def penalised_score(classifier, x, target, l2):
    squares = sum(float(value) ** 2 for value in np.ravel(x))
    return float(classifier.input_scores(np.float32([x]))[0][target]) - l2 * squares
