# Without a step, the image comes back as it was, not rounded.
def fooling_image(classifier, image, target, step, n_steps=100):
    if classifier.scores(np.rint(image))[0].argmax() == target:
        return image, 0
    x = np.array(image, np.float32)
    for n_taken in range(n_steps + 1):
        if classifier.scores(np.rint(x))[0].argmax() == target or n_taken == n_steps:
            return np.rint(x), n_taken
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
