# a dot product, float64, returns a NumPy number
def penalised_score(classifier, x, target, l2):
    flat = np.asarray(x, np.float64).ravel()
    return classifier.input_scores(np.asarray(x, np.float32)[None])[0][target] - l2 * flat @ flat
