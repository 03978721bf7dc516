# rounded to three decimals
def penalised_score(classifier, x, target, l2):
    score = classifier.input_scores(np.asarray(x, np.float32)[None])[0, target]
    return round(float(score - l2 * np.sum(x**2)), 3)
