# the logarithm of the probability
def penalised_score(classifier, x, target, l2):
    scores = classifier.scores(np.asarray(x, np.float32)[None])
    return float(np.log(probabilities_of(scores)[0, target]) - l2 * np.sum(x**2))
