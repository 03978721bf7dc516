# A while loop, in float64, with top().
def fooling_image(classifier, image, target, step, max_iterations=100):
    x = np.float64(image)
    n = 0
    while classifier.top(np.rint(x), 1)[0].index != target and n < max_iterations:
        x = step(x, classifier.gradient(x[np.newaxis], target)[0])
        x = np.minimum(np.maximum(x, 0), 255)
        n += 1
    return np.round(x), n
