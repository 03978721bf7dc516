# returns a number for each class
def penalised_score(classifier, x, target, l2):
    return classifier.input_scores(np.asarray(x, np.float32)[None])[0] - l2 * np.sum(x**2)
