# Leaves [0, 255].
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    for n_taken in range(n_steps + 1):
        if classifier.scores(np.rint(x).clip(0, 255))[0].argmax() == target or n_taken == n_steps:
            return np.rint(x), n_taken
        x = step(x, classifier.gradient(x[None], target)[0])
