# The gradient of the class that is seen, not of the target.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    for n_taken in range(n_steps + 1):
        seen = int(classifier.scores(np.rint(x))[0].argmax())
        if seen == target or n_taken == n_steps:
            return np.rint(x), n_taken
        x = np.clip(step(x, classifier.gradient(x[None], seen)[0]), 0, 255)
