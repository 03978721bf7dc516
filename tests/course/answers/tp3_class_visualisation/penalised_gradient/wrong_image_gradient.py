# the gradient per grey level of an image, with x taken for an image
def penalised_gradient(classifier, x, target, l2):
    return classifier.gradient(np.asarray(x, np.float32)[None], target)[0] - 2 * l2 * x
