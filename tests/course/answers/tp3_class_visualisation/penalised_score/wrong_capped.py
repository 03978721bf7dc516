# a penalty weight no larger than one
def penalised_score(classifier, x, target, l2):
    score = classifier.input_scores(np.asarray(x, np.float32)[None])[0, target]
    return float(score - min(l2, 1) * np.sum(x**2))
