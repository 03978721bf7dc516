# Stops at the first other class.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    first = classifier.scores(np.rint(x))[0].argmax()
    for n in range(n_steps + 1):
        r = np.rint(x)
        seen = classifier.scores(r)[0].argmax()
        if seen == target or seen != first or n == n_steps:
            return r, n
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
