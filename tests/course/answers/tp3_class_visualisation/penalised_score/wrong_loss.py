# the logarithm of the probability
def penalised_score(classifier, x, target, l2):
    probabilities = classifier.input_probabilities(np.asarray(x, np.float32)[None])
    return float(np.log(probabilities[0, target]) - l2 * np.sum(x**2))
