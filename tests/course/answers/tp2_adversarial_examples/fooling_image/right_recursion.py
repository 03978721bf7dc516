# Calls itself.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.asarray(image, np.float64)
    rounded = np.rint(x)
    if n_steps == 0 or classifier.scores(rounded)[0].argmax() == target:
        return rounded, 0
    after = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
    fooled, n_taken = fooling_image(classifier, after, target, step, n_steps - 1)
    return fooled, n_taken + 1
