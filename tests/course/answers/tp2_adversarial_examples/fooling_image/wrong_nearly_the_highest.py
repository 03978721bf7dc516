# A score next to the highest will do.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    for n_taken in range(n_steps + 1):
        scores = classifier.scores(np.rint(x))[0]
        if np.isclose(scores[target], scores.max(), rtol=1e-4) or n_taken == n_steps:
            return np.rint(x), n_taken
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
