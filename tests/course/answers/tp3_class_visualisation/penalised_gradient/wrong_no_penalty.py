# forgets the penalty
def penalised_gradient(classifier, x, target, l2):
    return classifier.input_gradient(np.asarray(x, np.float32)[None], target)[0]
