# Works in the type of the image: integers lose their fractions.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = image.copy()
    for n_taken in range(n_steps + 1):
        rounded = np.rint(x.astype(np.float32))
        if classifier.scores(rounded)[0].argmax() == target or n_taken == n_steps:
            return rounded, n_taken
        x[...] = np.clip(step(x, classifier.gradient(np.float32(x)[None], target)[0]), 0, 255)
