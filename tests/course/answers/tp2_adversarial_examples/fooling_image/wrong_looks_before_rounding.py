# Shows the network the image that is not rounded.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    for n in range(n_steps + 1):
        if classifier.scores(x)[0].argmax() == target or n == n_steps:
            return np.rint(x), n
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
