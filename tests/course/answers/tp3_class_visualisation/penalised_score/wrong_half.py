# half of the squared norm
def penalised_score(classifier, x, target, l2):
    score = classifier.input_scores(np.asarray(x, np.float32)[None])[0, target]
    return float(score - l2 / 2 * np.sum(x**2))
