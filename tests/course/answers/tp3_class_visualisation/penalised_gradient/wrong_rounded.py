# rounded to four decimals
def penalised_gradient(classifier, x, target, l2):
    return np.round(classifier.input_gradient(np.asarray(x, np.float32)[None], target)[0] - 2 * l2 * x, 4)
