# the probability instead of the score
def penalised_score(classifier, x, target, l2):
    scores = classifier.scores(np.asarray(x, np.float32)[None])
    return float(probabilities_of(scores)[0, target] - l2 * np.sum(x**2))
