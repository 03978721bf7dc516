# Cuts only what it returns.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    for n_taken in range(n_steps + 1):
        shown = np.rint(x).clip(0, 255)
        if classifier.scores(shown)[0].argmax() == target or n_taken == n_steps:
            return shown, n_taken
        x = step(x, classifier.gradient(x[None], target)[0])
