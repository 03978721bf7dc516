# a small penalty counts as none
def penalised_gradient(classifier, x, target, l2):
    g = classifier.input_gradient(np.asarray(x, np.float32)[None], target)[0]
    return g - 2 * l2 * x if l2 > 1e-3 else g
