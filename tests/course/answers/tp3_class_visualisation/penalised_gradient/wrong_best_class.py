# the class that is predicted
def penalised_gradient(classifier, x, target, l2):
    best = int(classifier.input_scores(np.asarray(x, np.float32)[None])[0].argmax())
    return classifier.input_gradient(np.asarray(x, np.float32)[None], best)[0] - 2 * l2 * x
