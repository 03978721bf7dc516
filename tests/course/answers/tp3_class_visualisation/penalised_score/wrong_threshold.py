# a small penalty counts as none
def penalised_score(classifier, x, target, l2):
    score = classifier.input_scores(np.asarray(x, np.float32)[None])[0, target]
    return float(score - l2 * np.sum(x**2)) if l2 > 1e-4 else float(score)
