# the gradient of the loss, for a descent
def penalised_gradient(classifier, x, target, l2):
    return 2 * l2 * x - classifier.input_gradient(np.asarray(x, np.float32)[None], target)[0]
