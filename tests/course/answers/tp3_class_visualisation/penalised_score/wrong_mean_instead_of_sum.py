# the mean of the squares instead of their sum
def penalised_score(classifier, x, target, l2):
    score = classifier.input_scores(np.asarray(x, np.float32)[None])[0, target]
    return float(score - l2 * np.mean(x**2))
