# the highest score instead of the score of the target
def penalised_score(classifier, x, target, l2):
    score = classifier.input_scores(np.asarray(x, np.float32)[None]).max()
    return float(score - l2 * np.sum(x**2))
