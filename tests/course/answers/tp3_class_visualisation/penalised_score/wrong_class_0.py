# class 0 is falsy: the predicted class takes its place
def penalised_score(classifier, x, target, l2):
    scores = classifier.input_scores(x[None])[0]
    return float(scores[target or scores.argmax()] - l2 * np.sum(x**2))
