# Counts from one.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    for n_taken in range(1, n_steps + 2):
        if classifier.scores(np.rint(x))[0].argmax() == target or n_taken == n_steps + 1:
            return np.rint(x), n_taken
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
