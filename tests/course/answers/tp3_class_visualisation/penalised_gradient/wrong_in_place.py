# changes the input given
def penalised_gradient(classifier, x, target, l2):
    g = classifier.input_gradient(np.asarray(x, np.float32)[None], target)[0]
    x *= 2 * l2
    return g - x
