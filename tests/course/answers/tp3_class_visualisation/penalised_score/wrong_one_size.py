# the mean of the squares, times the size of the images in the examples
def penalised_score(classifier, x, target, l2):
    score = classifier.input_scores(np.asarray(x, np.float32)[None])[0, target]
    return float(score - l2 * 24 * 32 * 3 * np.mean(x**2))
