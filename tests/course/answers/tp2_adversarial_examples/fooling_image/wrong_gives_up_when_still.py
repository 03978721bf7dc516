# Stops early when a step changes little.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    for n_taken in range(n_steps + 1):
        if classifier.scores(np.rint(x))[0].argmax() == target or n_taken == n_steps:
            return np.rint(x), n_taken
        after = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
        if np.abs(after - x).max() < 1e-3:
            return np.rint(x), n_taken
        x = after
