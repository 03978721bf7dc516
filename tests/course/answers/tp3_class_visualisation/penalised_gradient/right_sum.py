# x + x, float64
def penalised_gradient(classifier, x, target, l2):
    g = np.asarray(classifier.input_gradient(np.float32(x)[np.newaxis], target))[0].astype(np.float64)
    return g - l2 * (x + x)
