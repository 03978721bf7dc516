# squares the input given
def penalised_score(classifier, x, target, l2):
    score = classifier.input_scores(x[None])[0, target]
    np.square(x, out=x)
    return float(score - l2 * x.sum())
