# derives the mean of the squares
def penalised_gradient(classifier, x, target, l2):
    return classifier.input_gradient(np.asarray(x, np.float32)[None], target)[0] - 2 * l2 * x / np.size(x)
