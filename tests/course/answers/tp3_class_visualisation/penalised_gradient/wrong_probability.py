# the gradient of the probability
def penalised_gradient(classifier, x, target, l2):
    x = np.asarray(x, np.float32)
    p = classifier.input_probabilities(x[None])[0]
    gradients = [classifier.input_gradient(x[None], k)[0] for k in range(len(p))]
    mean = sum(q * g for q, g in zip(p, gradients))
    return p[target] * (gradients[target] - mean) - 2 * l2 * x
