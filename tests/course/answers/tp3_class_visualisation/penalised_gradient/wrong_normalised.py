# divided by its norm
def penalised_gradient(classifier, x, target, l2):
    g = classifier.input_gradient(np.asarray(x, np.float32)[None], target)[0] - 2 * l2 * x
    return g / np.linalg.norm(g)
