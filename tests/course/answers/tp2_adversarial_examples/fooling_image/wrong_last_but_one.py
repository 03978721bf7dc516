# Gives back the image before the last.
def fooling_image(classifier, image, target, step, n_steps=100):
    x, previous = np.array(image, np.float32), np.rint(np.float32(image))
    for n in range(n_steps + 1):
        r = np.rint(x)
        if classifier.scores(r)[0].argmax() == target:
            return r, n
        if n == n_steps:
            return previous, n
        previous = r
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
