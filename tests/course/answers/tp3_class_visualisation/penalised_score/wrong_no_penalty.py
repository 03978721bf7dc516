# forgets the penalty
def penalised_score(classifier, x, target, l2):
    return float(classifier.input_scores(np.asarray(x, np.float32)[None])[0, target])
