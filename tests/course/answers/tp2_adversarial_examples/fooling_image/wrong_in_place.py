# Works in the array that it is given.
def fooling_image(classifier, image, target, step, n_steps=100):
    for n_taken in range(n_steps + 1):
        if classifier.scores(np.rint(image))[0].argmax() == target or n_taken == n_steps:
            return np.rint(image), n_taken
        image[:] = np.clip(step(image, classifier.gradient(image[None], target)[0]), 0, 255)
