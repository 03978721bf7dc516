# A while loop, in float64, with top().
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.float64(image)
    n = 0
    while classifier.top(np.rint(x), 1)[0].index != target and n < n_steps:
        x = step(x, classifier.gradient(x[np.newaxis], target)[0])
        x = np.minimum(np.maximum(x, 0), 255)
        n += 1
    return np.round(x), n
