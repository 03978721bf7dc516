# Waits for a probability of one half.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    for n_taken in range(n_steps + 1):
        if classifier.probabilities(np.rint(x))[0, target] > 0.5 or n_taken == n_steps:
            return np.rint(x), n_taken
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
