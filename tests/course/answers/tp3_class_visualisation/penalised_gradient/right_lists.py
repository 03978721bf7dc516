# a list of lists
def penalised_gradient(classifier, x, target, l2):
    g = classifier.input_gradient(np.array([x], np.float32), target)
    return np.subtract(g[0], np.multiply(2.0 * l2, x)).tolist()
